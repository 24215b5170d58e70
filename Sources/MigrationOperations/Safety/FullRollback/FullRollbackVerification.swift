import MigrationBasics
import MigrationLedger
import Postgres

/// Whether the target is what the backup says, once more, and has the settings of the previous database.
package struct FullRollbackVerification {
  package typealias Finding = StateCheck.Finding

  package struct Outcome: Sendable {
    package let state: FullRollbackState
    package let findings: [Finding]
    package var isSound: Bool { findings.allSatisfy { $0.verdict != .failure } }
  }

  private let rollback: FullRollback

  package init(_ rollback: FullRollback) { self.rollback = rollback }

  /// Compares, and notes the result where `commit` finds it; nil if there is no full rollback.
  package func run() throws -> Outcome? {
    guard let mark = try rollback.server.mark() else { return nil }
    guard mark.state.isWaiting else {
      return Outcome(state: mark.state, findings: [unfinished(mark)])
    }
    let findings = try [rows(mark.state), settings(mark)]
    var state = mark.state
    let isSound = findings.allSatisfy { $0.verdict != .failure }
    state.stage = isSound ? .verified : .swapped
    try rollback.record(state, on: mark.name)
    return Outcome(state: state, findings: findings)
  }

  private func unfinished(_ mark: FullRollbackMark) -> Finding {
    Finding(
      name: "full rollback to \(mark.state.backup)", verdict: .failure,
      finding: mark.isHeld ? "is running" : "did not finish", remedy: mark.state.next)
  }

  /// The ledger's own tables continue: they are there, and that is all that is asked of them.
  private func rows(_ state: FullRollbackState) throws -> Finding {
    guard let manifest = try rollback.backup(of: state).manifest else {
      throw MigrationError(.failed, "could not read the backup", place: state.backup)
    }
    let ledger = rollback.options.ledgerSchema
    let connection = try rollback.server.place.connect()
    try connection.execute("SET statement_timeout = 0")
    rollback.work.note("comparing every table with \(state.backup)")
    let listed = try manifest.listedTables(connection).filter { $0.schema != ledger }
    let contents = try ContentsReader.read(
      connection, tables: listed, as: manifest.holds.rowHash)
    let held = manifest.holds.without(schema: ledger)
    let encoding = try OriginReader(connection: connection).read(role: .target).encoding
    let differences = held.differences(
      in: contents, comparesHashes: encoding == manifest.origin.encoding)
    let name = "rows of \(state.target)"
    guard differences.isEmpty else {
      return Finding(
        name: name, verdict: .failure, finding: differences.joined(separator: "; "),
        remedy:
          "this is expected if others have written since; otherwise revert: migrate rollback undo")
    }
    return Finding(
      name: name, verdict: .pass,
      finding:
        "\(CountText.of(held.rows, "row")) in \(CountText.of(held.filledTables.count, "table")), "
        + "as in \(state.backup)",
      remedy: nil)
  }

  private func settings(_ mark: FullRollbackMark) throws -> Finding {
    let connection = rollback.server.connection
    var before = try DatabaseProperties.read(connection, mark.name)
    before.comment = mark.state.comment
    let differences = before.differences(
      in: try DatabaseProperties.read(connection, mark.state.target))
    let name = "settings of \(mark.state.target)"
    guard differences.isEmpty else {
      return Finding(
        name: name, verdict: .failure, finding: differences.joined(separator: "; "),
        remedy: "unless the changes are intended, set them by ALTER DATABASE and GRANT")
    }
    return Finding(
      name: name, verdict: .pass,
      finding: "owner, grants, settings, comment and locale are unchanged", remedy: nil)
  }
}

extension DatabaseContents {
  func without(schema: String) -> DatabaseContents {
    DatabaseContents(
      tables: tables.filter { $0.schema != schema },
      sequences: sequences.filter { $0.schema != schema }, largeObjects: largeObjects,
      rowHash: rowHash)
  }
}
