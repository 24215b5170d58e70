import MigrationCore

/// `migrate test-connections`: reaches every configured database.
enum TestConnectionsCommand {
  static let times = Option.integer(
    "repeat", "N", in: 1...1000, otherwise: 1,
    help: "The number of round trips to measure (default: 1).")

  static let page = CommandPage(
    words: ["test-connections"], group: .check,
    summary: "Connect to the source, target and backup databases, and describe them.",
    discussion: [
      "Connects to each database as the migration does. Prints the versions of server and driver, "
        + "the round trip, TLS, tables and size. Prints the reason and its code for a database that it "
        + "cannot use, and exits with 3. The backup database is optional.",
      "Exits with 3 too if the plan would write into the tables that it reads.",
      "The last line compares the tables of the target with the plan, as validate-schema does: OK, "
        + "the differences (exit code 4), or that they do not exist yet. Without a plan (--plan, "
        + "MIGRATION_PLAN) it does not check the schema.",
      "DATABASE_CONNECTION_TIMEOUT limits the time for each database (default: 10 s).",
    ],
    options: [times.spec],
    examples: [
      ("migrate test-connections", "the first command of every runbook"),
      ("migrate test-connections --repeat 20", "with the spread of 20 round trips"),
      ("migrate test-connections --env staging", "with .env.staging"),
    ],
    exitCodes: [.done, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let databases = try invocation.databases(settings)
    let options = ProbeOptions(
      timeout: settings.value(.connectionTimeout), repetitions: invocation[times],
      requiresEncryption: settings.value(.isEncrypting))
    let lines = ConnectionLines(console: console)
    var results: [ProbeResult] = []
    for database in databases.all {
      console.explain("connecting to \(database.url.redacted) (\(database.setting))")
      let result = DatabaseProbe.look(at: database, options)
      results.append(result)
      if !console.isJSON { lines.tell(result) }
    }
    let apart = ApartCheck(settings, plan: try invocation.planIfAny(settings), results).run()
    let isGood =
      databases.missing.isEmpty && results.allSatisfy { $0.failure == nil }
      && apart?.verdict != .failure
    let schema = try isGood ? schemaCheck(invocation, settings) : nil
    if console.isJSON {
      console.result(document(results, databases, apart, schema, isGood: isGood))
    } else {
      if let apart { lines.tell(apart) }
      for role in databases.missing { lines.tellMissing(role) }
      lines.tellSchemas(results)
      if isGood { lines.tellSchema(schema) }
    }
    guard isGood else { return .configuration }
    return schema?.verdict == .failure ? .validation : .done
  }

  /// Nil without a plan.
  private static func schemaCheck(
    _ invocation: Invocation, _ settings: Settings
  ) throws -> Check? {
    guard let plan = try invocation.planIfAny(settings) else { return nil }
    let location = try invocation.planLocation(settings)
    return DeployedSchema(settings, plan: plan, folder: location.schemaFolder).run()
  }

  private static func document(
    _ results: [ProbeResult], _ databases: ConfiguredDatabases, _ apart: Check?, _ schema: Check?,
    isGood: Bool
  ) -> JSONValue {
    [
      "ok": .bool(isGood && schema?.verdict != .failure),
      "schema": schema.map { JSONValue($0) } ?? .null,
      "apart": apart.map { JSONValue($0) } ?? .null,
      "missing": .array(databases.missing.map { .text($0.rawValue) }),
      "databases": .array(results.map(JSONValue.init)),
    ]
  }
}

/// The result as the manual shows it, a line for each database.
private struct ConnectionLines {
  let console: Console

  func tell(_ result: ProbeResult) {
    let title = "\(result.database.role.title) database connection"
    switch result.outcome {
    case .success(let facts):
      console.result("\(mark(.pass)) \(title): OK (\(summary(facts)))")
      for note in facts.notes { console.result("  \(note)") }
    case .failure(let error):
      let code = if case .coded(let code) = error.kind { code.rawValue + " " } else { "" }
      let remedy = error.remedy.map { "; \($0)" } ?? ""
      console.result("\(mark(.failure)) \(title): FAILED \(code)\(error.what)\(remedy)")
    }
  }

  /// Returns whether source and target are apart; that they are needs no word.
  func tell(_ apart: Check) {
    guard apart.verdict != .pass else { return }
    console.result(
      "\(mark(apart.verdict)) \(apart.name): \(apart.finding)"
        + (apart.remedy.map { "; \($0)" } ?? ""))
  }

  func tellMissing(_ role: DatabaseRole) {
    console.result(
      "\(mark(.failure)) \(role.title) database connection: NOT SET; set "
        + ConfiguredDatabases.settings(for: role))
  }

  /// What the databases hold, as far as it can be read.
  func tellSchemas(_ results: [ProbeResult]) {
    let seen = results.compactMap { result in
      result.facts.map { "\(result.database.role.rawValue) \($0.contentsText)" }
    }
    guard !results.isEmpty, seen.count == results.count else { return }
    console.result("\(mark(.pass)) Schema read: OK (\(seen.joined(separator: ", ")))")
  }

  /// The manual's last line: whether the target has what the plan needs.
  func tellSchema(_ schema: Check?) {
    guard let schema else {
      return console.note(
        "Schema validation: not checked, no plan is selected (--plan, MIGRATION_PLAN)")
    }
    console.result(
      "\(mark(schema.verdict)) \(schema.name): \(schema.finding)"
        + (schema.remedy.map { "; \($0)" } ?? ""))
  }

  private func mark(_ verdict: Check.Verdict) -> String { console.output.mark(verdict) }

  private func summary(_ facts: DatabaseFacts) -> String {
    let trips = facts.roundTrips.sorted()
    var parts = [
      [facts.product, facts.serverVersion].filter { !$0.isEmpty }.joined(separator: " "),
      facts.driver, "\(facts.database) at \(facts.place)",
    ]
    if trips.count > 1, let first = trips.first, let last = trips.last {
      parts.append(
        "round trip \(facts.medianRoundTrip.millisecondText) "
          + "(\(first.millisecondText) to \(last.millisecondText), \(trips.count) times)")
    } else if !trips.isEmpty {
      parts.append("round trip \(facts.medianRoundTrip.millisecondText)")
    }
    if !facts.isFile {
      parts.append(facts.tls.map { "TLS \($0)" } ?? "no TLS")
    }
    parts.append("\(facts.contentsText), \(ByteCount.text(facts.byteCount))")
    return parts.joined(separator: "; ")
  }
}

extension JSONValue {
  /// One database of the `--json` document.
  fileprivate init(_ result: ProbeResult) {
    var members: [(String, JSONValue)] = [
      ("role", .text(result.database.role.rawValue)), ("setting", .text(result.database.setting)),
      ("url", .text(result.database.url.redacted)),
    ]
    switch result.outcome {
    case .success(let facts): members += Self.members(facts)
    case .failure(let error):
      let code: String? = if case .coded(let code) = error.kind { code.rawValue } else { nil }
      members.append(("status", "failed"))
      members.append(
        (
          "error",
          [
            "code": .optional(code), "reason": .optional(error.reason), "what": .text(error.what),
            "toDo": .optional(error.remedy),
          ]
        ))
    }
    self = .object(JSONObject(members))
  }

  private static func members(_ facts: DatabaseFacts) -> [(String, JSONValue)] {
    let trips = facts.roundTrips.map { $0 / .milliseconds(1) }
    return [
      ("status", "ok"), ("product", .text(facts.product)),
      ("serverVersion", .text(facts.serverVersion)), ("driver", .text(facts.driver)),
      ("place", .text(facts.place)), ("database", .text(facts.database)),
      ("user", .optional(facts.user)), ("tls", .optional(facts.tls)),
      ("roundTripMilliseconds", .array(trips.map(JSONValue.double))),
      ("tables", .int(facts.tableCount)), ("bytes", .int(facts.byteCount)),
      ("readOnly", .bool(facts.readOnlyReason != nil)),
    ] + (facts.notes.isEmpty ? [] : [("notes", .array(facts.notes.map(JSONValue.text)))])
  }
}
