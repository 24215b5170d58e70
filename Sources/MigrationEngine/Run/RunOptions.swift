import MigrationBasics
import MigrationLedger
import Postgres

/// What a run was asked on its command line, kept with the session so that `resume` asks the same.
package struct RunOptions: Sendable, Hashable {
  package var tables: [String]?
  package var rowLimit: Int?
  package var condition: String?
  package var force = false
  package var acceptedShare: Double?
  package var given = RunAdjustments()

  package init(_ request: RunRequest) {
    (tables, rowLimit, condition) = (request.tables, request.rowLimit, request.condition)
    (force, given) = (request.force, request.settings[.earlier])
    acceptedShare = request.acceptedShare
    given.merge(request.settings[.commandLine])
  }

  /// Reads what a session keeps; a session without anything ran over all tables.
  package init(_ session: Session) {
    let json = session.settings["options"] ?? .null
    if case .array(let names)? = json["tables"] {
      tables = names.compactMap { if case .text(let name) = $0 { name } else { nil } }
    }
    if case .int(let rows)? = json["limit"] { rowLimit = rows }
    if case .text(let sql)? = json["where"] { condition = sql }
    force = json["force"] == .bool(true)
    acceptedShare = json["acceptRejects"]?.number
    given = RunAdjustments(json["given"] ?? .null)
  }

  package var json: JSONValue {
    [
      "tables": tables.map { .array($0.map(JSONValue.text)) } ?? .null,
      "limit": rowLimit.map(JSONValue.int) ?? .null, "where": .optional(condition),
      "force": .bool(force), "given": given.json,
      "acceptRejects": acceptedShare.map(JSONValue.double) ?? .null,
    ]
  }

  /// Makes a request ask for the same rows; what its own command line says about how stays.
  package func apply(to request: inout RunRequest) {
    (request.tables, request.condition) = (tables, condition)
    request.rowLimit = rowLimit
    request.force = request.force || force
    request.acceptedShare = request.acceptedShare ?? acceptedShare
    request.settings[.earlier] = given
  }
}

extension Ledger {
  /// Keeps what the newest run of a session was asked.
  func remember(_ options: RunOptions, session: SessionID) throws {
    let kept: JSONValue = ["options": options.json]
    try connection.query(
      "UPDATE \(names.session) SET settings = settings || $2 WHERE id = $1", [session, kept.jsonb])
  }

  /// Changes the settings of a session that nothing runs for; runs to come go by them.
  package func configure(session: SessionID, _ changes: RunAdjustments) throws {
    try connection.query(
      "UPDATE \(names.session) SET settings = settings || $2 WHERE id = $1",
      [session, changes.json.jsonb])
  }
}
