import MigrationBasics
import MigrationLedger
import MigrationRows

/// The duplicates of earlier rows, by feed and the bytes of their key.
package final class LaterDuplicates: Sendable {
  package static let none = LaterDuplicates([])

  /// The earlier row that a row duplicates.
  struct Loss {
    /// The key of the row that is kept.
    let winner: JSONValue
    /// The columns that collide.
    let columns: String
    /// Of rows that are equal, the chunk in which the first one is loaded; nil if all are duplicates.
    let keptIn: Int?
  }

  private let table: LookupTable
  private let losses: [Loss]
  /// Feeds that have any, so that the others' rows are not looked for.
  package let feeds: Set<Int>

  init(_ losers: [DuplicateRow]) {
    let builder = LookupTableBuilder()
    for (index, loser) in losers.enumerated() {
      let key = Self.key(feed: loser.feed, loser.rawKey)
      key.withUnsafeBytes { key in
        withUnsafeBytes(of: UInt32(index)) { _ = builder.insert(key: key, value: $0) }
      }
    }
    table = builder.finish()
    losses = losers.map { Loss(winner: $0.winner, columns: $0.columns, keptIn: $0.keptIn) }
    feeds = Set(losers.map(\.feed))
  }

  /// Returns the earlier row that a row duplicates; nil if there is none.
  func loss(feed: Int, rawKey: [UInt8]) -> Loss? {
    let key = Self.key(feed: feed, rawKey)
    let index = key.withUnsafeBytes { key in
      table.find(key) { Int($0.loadUnaligned(as: UInt32.self)) }
    }
    return index.map { losses[$0] }
  }

  private static func key(feed: Int, _ rawKey: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: feed)] + rawKey
  }
}
