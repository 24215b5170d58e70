import Postgres

/// What the rows of a table add up to now.
package struct MeasuredFingerprints {
  /// A sum for each group of the book.
  package var groups: [FingerprintSum]
  /// What of each is of rows that a trigger wrote last in the transaction.
  package var touched: [FingerprintSum]
  /// Rows that none of the migration's transactions wrote.
  package var others = FingerprintSum()

  package var all: FingerprintSum { groups.reduce(into: others) { $0 += $1 } }

  /// Counts rows that a trigger wrote as rows of others if the remaining rows are as they were sent.
  package func settled(_ book: ExpectedFingerprints) -> MeasuredFingerprints {
    var tally = self
    for (place, group) in book.groups.enumerated()
    where touched[place].rows > 0 && group.expected != groups[place] {
      var loaded = groups[place]
      loaded -= touched[place]
      guard loaded == group.expected else { continue }
      tally.groups[place] = loaded
      tally.others += touched[place]
    }
    return tally
  }
}

/// Reads rows back in one pass, and adds them up by the transactions that wrote them.
///
/// A row is hashed as it comes: what was sent is spelled as the server stores it. Nothing grows with
/// the number of rows.
package struct FingerprintReading {
  package let book: ExpectedFingerprints
  package let key: FingerprintKey
  /// The table, quoted.
  package let table: String

  package init(book: ExpectedFingerprints, key: FingerprintKey, table: String) {
    self.book = book
    self.key = key
    self.table = table
  }

  /// - Parameter rest: what is behind the table, which is called `t`, to choose some of its rows.
  package func run(_ target: Connection, rest: String = "") throws -> MeasuredFingerprints {
    let list = try book.columns.map { try $0.selected(of: "t") }.joined(separator: ", ")
    let copy = try target.copyOut(
      "COPY (SELECT t.xmin, t.cmin, \(list) FROM \(table) t \(rest)) TO STDOUT (FORMAT binary)")
    var sorter = FingerprintSorter(book, key)
    defer { sorter.free() }
    while try copy.next({ sorter.take($0) }) {}
    return sorter.tally
  }
}

/// Takes one row after the other to the sum that it belongs to.
private struct FingerprintSorter {
  /// The number of fields, and the first two: four bytes of length each, four of `xmin` and of `cmin`.
  private static let header = 18

  private let book: ExpectedFingerprints
  private let key: FingerprintKey
  var tally: MeasuredFingerprints
  /// For each group, the commands that loaded its rows; nil if any command may have.
  private let loading: [Set<UInt32>?]
  /// Neighbours mostly come from the same transaction.
  private var last: (xmin: UInt32, group: Int?)?
  private let offsets: UnsafeMutablePointer<Int>
  private var scratch: UnsafeMutableRawPointer
  private var capacity = 4096

  init(_ book: ExpectedFingerprints, _ key: FingerprintKey) {
    (self.book, self.key) = (book, key)
    let none = Array(repeating: FingerprintSum(), count: book.groups.count)
    tally = MeasuredFingerprints(groups: none, touched: none)
    loading = book.groups.map(\.loading)
    offsets = .allocate(capacity: book.columns.count + 1)
    scratch = .allocate(byteCount: capacity, alignment: 16)
  }

  func free() {
    offsets.deallocate()
    scratch.deallocate()
  }

  mutating func take(_ row: UnsafeRawBufferPointer) {
    guard let start = row.baseAddress, row.count >= Self.header else { return }
    let fields = UnsafeRawBufferPointer(start: start + Self.header, count: row.count - Self.header)
    guard let group = group(of: UInt32(bitPattern: start.int32(6))) else {
      return tally.others.add(key.hash(fields))
    }
    let list = book.groups[group].list
    let hash = key.hash(list == 0 ? fields : chosen(fields, book.lists[list]))
    tally.groups[group].add(hash)
    if let commands = loading[group], !commands.contains(UInt32(bitPattern: start.int32(14))) {
      tally.touched[group].add(hash)
    }
  }

  private mutating func group(of xmin: UInt32) -> Int? {
    if let last, last.xmin == xmin { return last.group }
    let group = book.group(of: xmin)
    last = (xmin, group)
    return group
  }

  /// Puts some of the fields together, in another order.
  private mutating func chosen(
    _ fields: UnsafeRawBufferPointer, _ list: [Int]
  ) -> UnsafeRawBufferPointer {
    guard let start = fields.baseAddress else { return fields }
    if fields.count > capacity {
      scratch.deallocate()
      capacity = fields.count * 2
      scratch = .allocate(byteCount: capacity, alignment: 16)
    }
    var offset = 0
    for place in book.columns.indices {
      offsets[place] = offset
      offset += 4 + max(0, Int(start.int32(offset)))
    }
    offsets[book.columns.count] = offset
    var count = 0
    for place in list {
      let length = offsets[place + 1] - offsets[place]
      (scratch + count).copyMemory(from: start + offsets[place], byteCount: length)
      count += length
    }
    return UnsafeRawBufferPointer(start: scratch, count: count)
  }
}
