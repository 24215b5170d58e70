import MigrationCore
import Postgres

/// Collects the parts of an incident report; continues after a part that fails.
struct IncidentReport {
  /// The time of the report, ISO 8601.
  let made = Moment.now().description
  private(set) var problems: [String] = []
  private var parts: [(String, JSONValue)] = []

  mutating func add(_ name: String, _ part: () throws -> JSONValue) {
    do { parts.append((name, try part())) } catch {
      let problem = "could not collect \(name): \(FailureReport(error).what)"
      problems.append(problem)
      parts.append((name, ["problem": .text(problem)]))
    }
  }

  var document: JSONValue {
    .object(
      JSONObject(
        [("made", .text(made)), ("problems", .array(problems.map(JSONValue.text)))] + parts))
  }

  static func server(_ connection: Connection) -> JSONValue {
    [
      "server": .text("\(connection.facts.serverVersion)"),
      "database": .text(connection.facts.database),
    ]
  }

  /// Returns the activity of the target's server, without statement texts, which may contain data.
  static func activity(_ connection: Connection) throws -> JSONValue {
    let found = try connection.query(
      """
      SELECT pid, application_name, state, wait_event_type, wait_event,
        extract(epoch from clock_timestamp() - xact_start)::bigint,
        pg_blocking_pids(pid)::text
      FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid
      """)
    return .array(
      found.rows.map { row in
        [
          "pid": .int(row.int(0) ?? 0), "application": .optional(row.text(1)),
          "state": .optional(row.text(2)), "waitType": .optional(row.text(3)),
          "waitsFor": .optional(row.text(4)),
          "transactionSeconds": row.int(5).map(JSONValue.int) ?? .null,
          "blockedBy": .optional(row.text(6)),
        ]
      })
  }
}
