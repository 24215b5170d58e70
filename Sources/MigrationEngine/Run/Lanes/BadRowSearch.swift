import MigrationPlan
import Postgres

/// Finds the rows of a chunk that the server refuses, each with the server's own reason.
///
/// A run of rows is tried in a savepoint. If it is refused, the server's context usually names the
/// line: the rows before it, the line itself and the rest are tried apart. Without a line, halves
/// are. So a row counts as bad only if it was refused alone, with all good rows before it in place.
/// For k bad rows among n that takes some k log n statements, or k with lines; beyond a number, a
/// staging table lets the server try all rows one by one.
struct BadRowSearch {
  let store: RowStore
  let target: Connection
  let table: QualifiedName
  let columns: [PostgresColumn]
  let copyStatement: String
  private var bad: [Int: ServerRefusal] = [:]

  /// How many bad rows are worth a search by savepoints.
  private static let fewRows = 50

  init(
    store: RowStore, target: Connection, table: QualifiedName, columns: [PostgresColumn],
    copyStatement: String
  ) {
    (self.store, self.target, self.table) = (store, target, table)
    (self.columns, self.copyStatement) = (columns, copyStatement)
  }

  mutating func run() throws -> [Int: ServerRefusal] {
    // The next rows to try are at the end.
    var open = [0..<store.count]
    while let range = open.popLast() {
      guard !range.isEmpty, let refusal = try attempt(range) else { continue }
      if range.count == 1 {
        bad[range.lowerBound] = ServerRefusal(refusal)
        if bad.count >= Self.fewRows { return try askServer(about: open) }
      } else {
        open += Self.parts(of: range, line: refusal.copyLine).reversed()
      }
    }
    return bad
  }

  /// Returns why a run of rows is refused, nil if it is in place now.
  private func attempt(_ range: Range<Int>) throws(PostgresError) -> PostgresError? {
    try target.execute("SAVEPOINT migrate_part")
    do throws(PostgresError) {
      _ = try store.send([range], copyStatement, target)
      try target.execute("RELEASE SAVEPOINT migrate_part")
      return nil
    } catch {
      guard error.isRefusalOfRow else { throw error }
      try target.execute(
        "ROLLBACK TO SAVEPOINT migrate_part; RELEASE SAVEPOINT migrate_part")
      return error
    }
  }

  /// Tries the rest on the server, in a loop over a staging table.
  private func askServer(about open: [Range<Int>]) throws -> [Int: ServerRefusal] {
    let staging = Staging(target: target, table: table, columns: columns)
    let refused = try staging.refusals(store, rows: open.reversed())
    return bad.merging(refused) { first, _ in first }
  }

  private static func parts(of range: Range<Int>, line: Int?) -> [Range<Int>] {
    if let line, (1...range.count).contains(line) {
      let row = range.lowerBound + line - 1
      return [range.lowerBound..<row, row..<row + 1, row + 1..<range.upperBound]
    }
    let middle = range.lowerBound + range.count / 2
    return [range.lowerBound..<middle, middle..<range.upperBound]
  }
}
