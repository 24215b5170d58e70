import CPostgres

/// Gives a new session the settings that values depend on, and reads them back.
///
/// One round trip does both. Behind a pooler it takes more: first it must be known that what is set
/// stays set, and for no one else.
struct SessionSetup {
  /// What is known of a session that works with the wanted settings.
  struct Outcome {
    /// The server's process, also behind a pooler.
    let backendPID: Int32
    let isPooled: Bool
    /// The values before, of all settings that were asked for.
    let before: [String: String]
    let changed: [ChangedSetting]
    /// Where the session looks for names, and where it would without this program.
    let systemPath: SearchPath
    let ownPath: SearchPath
  }

  let plan: ConnectPlan
  let options: ConnectionOptions
  let connection: OpaquePointer
  let deadline: Deadline

  func run() throws(PostgresError) -> Outcome {
    let given = PooledOptions(plan.settings["options"]).settings
    let wanted = options.sessionSettings(given: Set(given.map(\.name)))
    let direct = "pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) \(PQbackendPID(connection))"
    let setAll = statement(wanted, onlyIf: direct)
    let first: [Row]
    do throws(PostgresError) { first = try ask(setAll) } catch {
      throw try refusal(of: wanted, error)
    }
    let pid = first.first?.pid ?? 0
    guard pid != PQbackendPID(connection) else {
      return outcome(first, first, isPooled: false, given: given)
    }
    try PoolerCheck(plan: plan, connection: connection, deadline: deadline).requireSession()
    let all = given + wanted
    let second: [Row]
    do throws(PostgresError) { second = try ask(statement(all, onlyIf: "true")) } catch {
      throw try refusal(of: all, error)
    }
    return outcome(first, second, isPooled: true, given: given)
  }

  private func outcome(
    _ before: [Row], _ after: [Row], isPooled: Bool, given: [(name: String, value: String?)]
  ) -> Outcome {
    let listed = before.filter { SessionSetting.named($0.name)?.value != nil }
    let changed = listed.compactMap { row -> ChangedSetting? in
      let now = after.first { $0.name == row.name }?.after
      return row.before == now ? nil : ChangedSetting(name: row.name, found: row.before)
    }
    // A pooler has dropped the options of the URL, which are set after the first answer.
    let own = given.last { $0.name == "search_path" }?.value
    let before = Dictionary(before.map { ($0.name, $0.before) }, uniquingKeysWith: { $1 })
    let path = after.last { $0.name == "search_path" }?.after
    let system = path.map { SearchPath(text: $0) } ?? .catalog
    return Outcome(
      backendPID: after.first?.pid ?? 0, isPooled: isPooled, before: before, changed: changed,
      systemPath: system,
      ownPath: SearchPath(givenToSession: own ?? before["search_path"] ?? "", system: system))
  }

  /// One setting of an answer.
  private struct Row {
    let pid: Int32
    let name, before, after: String
  }

  private func ask(_ statement: String) throws(PostgresError) -> [Row] {
    let result = try TimedQuery.ask(connection, statement, until: deadline)
    return result.rows.map { row in
      Row(
        pid: Int32(clamping: row.int(0) ?? 0), name: row.text(1) ?? "", before: row.text(2) ?? "",
        after: row.text(3) ?? "")
    }
  }

  /// Returns the statement that reads all settings and sets those that differ.
  ///
  /// Nothing in it is looked up in the search path, which may name anybody's schemas first.
  private func statement(
    _ settings: [(name: String, value: String?)], onlyIf: String
  ) -> String {
    let rows = settings.map { name, value in
      "(\(SQL.literal(name))::pg_catalog.text, \(value.map(SQL.literal) ?? "NULL")::pg_catalog.text)"
    }
    return """
      SELECT pg_catalog.pg_backend_pid(), s.name, s.before,
        CASE WHEN s.wanted IS NULL OR s.before OPERATOR(pg_catalog.=) s.wanted
            OR NOT (\(onlyIf)) THEN s.before
          ELSE pg_catalog.set_config(s.name, s.wanted, false) END
      FROM (SELECT v.name, c.before,
            CASE WHEN v.name OPERATOR(pg_catalog.=) 'search_path' AND v.wanted IS NULL
              THEN \(Self.systemPath) ELSE v.wanted END AS wanted
          FROM (VALUES \(rows.joined(separator: ", "))) AS v(name, wanted),
            LATERAL (SELECT pg_catalog.current_setting(v.name, true) AS before) AS c
          OFFSET 0) AS s
      """
  }

  /// The schemas of extensions that have types, and the session's temporary schema.
  private static let systemPath = """
    pg_catalog.concat((
      SELECT pg_catalog.concat(pg_catalog.string_agg(pg_catalog.quote_ident(e.nspname), ', '), ', ')
      FROM (SELECT DISTINCT n.nspname FROM pg_catalog.pg_extension x
          JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) x.extnamespace
          JOIN pg_catalog.pg_depend d ON d.refobjid OPERATOR(pg_catalog.=) x.oid
        WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
          AND n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog') e
      HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0), 'pg_temp')
    """
}

extension SessionSetup {
  /// Finds out which setting the server did not take, and says where it comes from.
  private func refusal(
    of settings: [(name: String, value: String?)], _ first: PostgresError
  ) throws(PostgresError) -> PostgresError {
    guard first.kind == .server else { return first }
    for (name, value) in settings {
      guard let value else { continue }
      do throws(PostgresError) {
        _ = try ask(statement([(name: name, value: value)], onlyIf: "true"))
      } catch {
        guard error.kind == .server else { return error }
        return try refusal(of: name, value, error)
      }
    }
    return first
  }

  private func refusal(
    of name: String, _ value: String, _ cause: PostgresError
  ) throws(PostgresError) -> PostgresError {
    let found = try TimedQuery.ask(
      connection,
      """
      SELECT setting, source, pg_catalog.current_database() FROM pg_catalog.pg_settings
      WHERE name OPERATOR(pg_catalog.=) pg_catalog.lower(\(SQL.literal(name)))
        OR name OPERATOR(pg_catalog.=) \(SQL.literal(name))
      """, until: deadline)
    let row = found.rows.first
    let source = SettingSource(
      row?.text(1) ?? "", database: row?.text(2) ?? "", user: plan.user, setting: name)
    let had = row?.text(0).map { "its value is \"\($0)\", set by \(source.place), and " } ?? ""
    return .session(
      .settingRefused, SessionFacts(reading: connection),
      "the session needs \(name) = \"\(value)\": \(had)the server rejected the change (\(cause.message))",
      hint: source.remedy)
  }
}

/// Where a setting's value came from, and how to change it there.
private struct SettingSource {
  let place: String
  let remedy: String

  init(_ source: String, database: String, user: String, setting: String) {
    let (database, user) = (
      (try? SQL.identifier(database)) ?? database, (try? SQL.identifier(user)) ?? user
    )
    switch source {
    case "database":
      place = "the database \(database)"
      remedy = "let a superuser run: ALTER DATABASE \(database) RESET \(setting)"
    case "user":
      place = "the role \(user)"
      remedy = "let a superuser run: ALTER ROLE \(user) RESET \(setting)"
    case "database user":
      place = "the role \(user) in the database \(database)"
      remedy = "let a superuser run: ALTER ROLE \(user) IN DATABASE \(database) RESET \(setting)"
    case "client", "session":
      place = "the connection's options"
      remedy = "remove \(setting) from the URL's options and PGOPTIONS"
    default:
      place = "the server"
      remedy = "let a superuser run: ALTER SYSTEM RESET \(setting); then pg_reload_conf()"
    }
  }
}

extension PostgresError {
  /// A session that was made, and that can't be worked with.
  static func session(
    _ failure: ConnectFailure, _ facts: SessionFacts, _ message: String, hint: String
  ) -> PostgresError {
    let message = "\(facts.host):\(facts.port), database \(facts.database): \(message)"
    return PostgresError(
      .connect, .connect(failure), message,
      report: ServerReport(sqlState: nil, message: message, hint: hint))
  }
}
