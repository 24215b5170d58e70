import MigrationBasics

/// Counts warnings by column and reason; those of a row that is rejected in the end do not count.
package struct WarningTally {
  private let counts: UnsafeMutablePointer<Int>
  private let size: Int
  private let pending: UnsafeMutablePointer<Int>
  private let mostPending: Int
  private var pendingCount = 0
  /// Those of the last row that there were only few of before, so that its key is worth keeping.
  private let rare: UnsafeMutablePointer<Int>
  private(set) var rareCount = 0
  private static var reasons: Int { 32 }

  init(columns: Int, mostPerRow: Int) {
    size = max(columns, 1) * Self.reasons
    counts = .allocate(capacity: size)
    counts.initialize(repeating: 0, count: size)
    mostPending = max(mostPerRow, 1)
    pending = .allocate(capacity: mostPending)
    pending.initialize(repeating: 0, count: mostPending)
    rare = .allocate(capacity: mostPending)
    rare.initialize(repeating: 0, count: mostPending)
  }

  package func free() {
    counts.deallocate()
    pending.deallocate()
    rare.deallocate()
  }

  @inline(__always)
  mutating func forgetRow() {
    pendingCount = 0
    rareCount = 0
  }

  @inline(__always)
  package mutating func keepRow() {
    while pendingCount > 0 {
      pendingCount &-= 1
      let index = pending[pendingCount]
      if counts[index] < ExampleKeys.most {
        rare[rareCount] = index
        rareCount &+= 1
      }
      counts[index] &+= 1
    }
  }

  package mutating func add(column: Int32, _ reason: Reason) {
    guard pendingCount < mostPending, column >= 0 else { return }
    pending[pendingCount] = Int(column) * Self.reasons + Int(reason.rawValue)
    pendingCount += 1
  }

  /// The warnings of the last row that an example is wanted for.
  func rareWarnings(columns: [String]) -> [WarningCounts.Warning] {
    (0..<rareCount).compactMap { number in
      let (column, reason) = rare[number].quotientAndRemainder(dividingBy: Self.reasons)
      return Reason(rawValue: UInt8(reason)).map { .init(column: columns[column], reason: $0) }
    }
  }

  /// Returns the counts by name and starts again from zero.
  package mutating func take(columns: [String]) -> WarningCounts {
    let result = current(columns: columns)
    counts.update(repeating: 0, count: size)
    return result
  }

  package func current(columns: [String]) -> WarningCounts {
    var result = WarningCounts()
    for (index, column) in columns.enumerated() {
      for reason in Reason.allCases {
        let count = counts[index * Self.reasons + Int(reason.rawValue)]
        if count > 0 { result.counts[.init(column: column, reason: reason)] = count }
      }
    }
    return result
  }
}
