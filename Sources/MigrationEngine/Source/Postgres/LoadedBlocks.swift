import MigrationLedger
import Postgres

/// The ranges of blocks of which rows were read, each with the snapshot in which they were.
struct LoadedBlocks {
  /// Counts the rows in the ranges, those of them that came later, and those that came later elsewhere.
  let question: String

  /// Nil if no snapshot is known.
  init?(_ done: [ChunkRecord], _ state: BlocksState, _ query: FeedQuery) throws {
    guard let first = state.moments.first else { return nil }
    var ranges: [(range: ChunkRange, snapshot: String)] = []
    for record in done {
      let moment = state.moments.last { $0.run.rawValue <= record.run?.rawValue ?? 0 } ?? first
      if let last = ranges.last, last.snapshot == moment.snapshot,
        let both = last.range.joined(with: record.chunk.range)
      {
        ranges[ranges.count - 1].range = both
      } else {
        ranges.append((record.chunk.range, moment.snapshot))
      }
    }
    let inside = try ranges.map { try query.condition(of: $0.range) ?? "true" }
    let isLoaded = Self.any(inside)
    let isLater = Self.any(
      zip(inside, ranges).map { "(\($0)) AND \(Self.isInvisible(in: $1.snapshot))" })
    question = query.counting([
      isLoaded, isLater, "NOT \(isLoaded) AND \(Self.isInvisible(in: first.snapshot))",
    ])
  }

  private static func any(_ conditions: [String]) -> String {
    "(" + conditions.map { "(\($0))" }.joined(separator: " OR ") + ")"
  }

  /// The condition that the transaction which wrote a row was not complete in a snapshot.
  private static func isInvisible(in snapshot: String) -> String {
    let parts = snapshot.split(separator: ":", omittingEmptySubsequences: false)
    let next = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let open = parts.count > 2 ? parts[2].split(separator: ",").compactMap { Int($0) } : []
    let id = "xmin::text::bigint"
    // Rows show the lower halves of ids; those below 3 are of the server's own making.
    let isNewer =
      "((\(id) - \(next & 0xFFFF_FFFF)) & 4294967295) <= "
      + "(SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())) - \(next)"
    guard !open.isEmpty else { return "(\(id) > 2 AND \(isNewer))" }
    let list = open.map { "\($0 & 0xFFFF_FFFF)" }.joined(separator: ", ")
    return "(\(id) > 2 AND (\(isNewer) OR \(id) IN (\(list))))"
  }
}

extension ChunkRange {
  /// One range for this and the next one; nil if they do not adjoin.
  fileprivate func joined(with next: ChunkRange) -> ChunkRange? {
    guard case .blocks(let from, let to?, 0) = self,
      case .blocks(let start, let end, let offset) = next, start == to
    else { return nil }
    return .blocks(from: from, to: end, offset: offset)
  }
}
