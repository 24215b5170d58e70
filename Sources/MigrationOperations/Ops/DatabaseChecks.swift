import MigrationBasics
import MigrationEngine
import Postgres

/// What must hold of one database before a migration.
struct DatabaseChecks {
  let result: ProbeResult
  /// The size of what will be moved; nil if it is not known.
  let sourceByteCount: Int?

  private var role: DatabaseRole { result.database.role }
  private var subject: Check.Subject {
    switch role {
    case .source: .source
    case .target: .target
    case .backup: .backup
    }
  }

  func run() -> [Check] {
    switch result.outcome {
    case .failure(let error):
      return [
        .failure(
          subject, "connection", error.what, remedy: error.remedy ?? "see: migrate test-connections"
        )
      ]
    case .success(let facts):
      let general = [connection(facts), encryption(facts), roundTrip(facts)] + [clock(facts)]
      let others = facts.postgres.map { postgres(facts, $0) } ?? [contents(facts)]
      return general.compactMap { $0 } + others
    }
  }

  private func connection(_ facts: DatabaseFacts) -> Check {
    .pass(
      subject, "connection",
      "\(facts.product) \(facts.serverVersion), database \(facts.database) at \(facts.place)")
  }

  /// The manual wants every connection encrypted; on this machine there is nothing between.
  private func encryption(_ facts: DatabaseFacts) -> Check? {
    if result.database.url.kind.isFile { return nil }
    if let tls = facts.tls { return .pass(subject, "encryption", "TLS \(tls)") }
    if result.database.url.staysOnThisMachine {
      return .pass(subject, "encryption", "no TLS; not needed on this machine")
    }
    return .warning(
      subject, "encryption", "the connection is not encrypted",
      remedy:
        "add sslmode=verify-full (PostgreSQL) or tls=true (MongoDB) to \(result.database.setting)")
  }

  private func roundTrip(_ facts: DatabaseFacts) -> Check? {
    guard !facts.roundTrips.isEmpty else { return nil }
    let text = facts.medianRoundTrip.millisecondText
    // The manual's requirement for the network between the databases.
    guard facts.medianRoundTrip < .milliseconds(50) else {
      return .warning(
        subject, "round trip", "\(text), required: below 50 ms",
        remedy: "run migrate closer to the databases")
    }
    return .pass(subject, "round trip", text)
  }

  private func clock(_ facts: DatabaseFacts) -> Check? {
    guard let skew = facts.clockSkew else { return nil }
    let size = skew < .zero ? .zero - skew : skew
    guard size < .seconds(2) else {
      return .warning(
        subject, "clock",
        "the server's clock is \(size.secondText) \(skew < .zero ? "behind" : "ahead of") this machine's",
        remedy: "synchronize both by NTP: the migration writes times of both clocks")
    }
    return .pass(subject, "clock", "less than 2 s from this machine's")
  }

  private func contents(_ facts: DatabaseFacts) -> Check {
    let finding = "\(facts.contentsText), \(ByteCount.text(facts.byteCount))"
    if role == .source, facts.tableCount == 0 {
      return .failure(
        subject, "contents", "the source is empty: \(finding)",
        remedy: "check the database name in \(result.database.setting)")
    }
    return .pass(subject, "contents", finding)
  }

  // MARK: PostgreSQL only

  private func postgres(_ facts: DatabaseFacts, _ details: PostgresDetails) -> [Check] {
    let common = [contents(facts), version(details), encoding(details), session(details)]
    switch role {
    case .source: return common + [readable(details)]
    case .target:
      return common + [ledgerPermission(details), tablePermission(details), writable(details)] + [
        disk(details)
      ]
    case .backup: return common + [tablePermission(details)]
    }
  }

  private func version(_ details: PostgresDetails) -> Check {
    guard (12...18).contains(details.majorVersion) else {
      return .warning(
        subject, "version",
        "PostgreSQL \(details.majorVersion) is not tested (tested: 12 to 18)",
        remedy: "use a version between 12 and 18")
    }
    return .pass(subject, "version", "PostgreSQL \(details.majorVersion) is supported")
  }

  private func encoding(_ details: PostgresDetails) -> Check {
    let finding = "\(details.encoding), collation \(details.collation)"
    if role == .source, details.encoding == "SQL_ASCII" {
      return .warning(
        subject, "encoding", "\(finding): texts may be in any encoding",
        remedy: "rows whose texts are not UTF-8 will be quarantined")
    }
    if role != .source, details.encoding != "UTF8" {
      return .failure(
        subject, "encoding", "\(finding): cannot store every character",
        remedy: "create the \(role.rawValue) database with ENCODING 'UTF8'")
    }
    return .pass(subject, "encoding", finding)
  }

  /// What every session sets for itself; of some settings the operator should know all the same.
  private func session(_ details: PostgresDetails) -> Check {
    let name = "session settings"
    let grave = details.changedSettings.filter { Self.graveSettings.contains($0.name) }
    guard grave.isEmpty else {
      let list = grave.map { "\($0.name) is \($0.found)" }.joined(separator: ", ")
      let effects = grave.compactMap { SessionSetting.named($0.name)?.reason }
      return .warning(
        subject, name,
        "\(list) for every session; migrate changes this for its own sessions",
        remedy: "find out who set this: for other programs \(effects.joined(separator: ", "))")
    }
    let changed = details.changedSettings.map { "\($0.name) (\($0.found))" }
    let pooler = details.isPooled ? "a pooler keeps sessions; " : ""
    return .pass(
      subject, name,
      pooler
        + (changed.isEmpty
          ? "as required"
          : "changed for the sessions of migrate: " + changed.joined(separator: ", ")))
  }

  /// Settings that are only on for a reason.
  private static let graveSettings: Set = [
    "session_replication_role", "zero_damaged_pages", "ignore_checksum_failure",
    "gin_fuzzy_search_limit", "transform_null_equals", "array_nulls",
  ]

  private func readable(_ details: PostgresDetails) -> Check {
    permission("to read", missingOn: details.unreadableTables, grant: "SELECT")
  }

  private func writable(_ details: PostgresDetails) -> Check {
    permission(
      "to write", missingOn: details.unwritableTables,
      grant: "SELECT, INSERT, UPDATE, DELETE, TRUNCATE")
  }

  private func permission(_ what: String, missingOn tables: [String], grant: String) -> Check {
    let name = "permission \(what)"
    guard !tables.isEmpty else {
      return .pass(subject, name, "granted for every table of the schema")
    }
    let list = tables.joined(separator: ", ")
    return .failure(
      subject, name, "missing for: \(list)",
      remedy: "GRANT \(grant) ON \(list) TO \(user)")
  }

  private func ledgerPermission(_ details: PostgresDetails) -> Check {
    let name = "permission for the ledger"
    guard !details.canCreateSchema else {
      return .pass(subject, name, "the user can create schemas")
    }
    return .failure(
      subject, name, "the user cannot create a schema in the database",
      remedy: "GRANT CREATE ON DATABASE \(database) TO \(user)")
  }

  private func tablePermission(_ details: PostgresDetails) -> Check {
    let name = "permission to create tables"
    guard !details.canCreateTable else { return .pass(subject, name, "the user can create tables") }
    return .warning(
      subject, name, "the user cannot create tables in schema public",
      remedy: "if migrate creates the tables: GRANT CREATE ON SCHEMA public TO \(user)")
  }

  private var user: String { quoted(result.facts?.user) ?? "the user" }
  private var database: String { quoted(result.facts?.database) ?? "the database" }

  private func quoted(_ name: String?) -> String? { name.flatMap { try? SQL.identifier($0) } }

  private func disk(_ details: PostgresDetails) -> Check {
    guard let folder = details.dataDirectory, details.isLocal else {
      let need = sourceByteCount.map {
        "at least \(ByteCount.text(2 * $0)), better \(ByteCount.text(3 * $0))"
      }
      return .warning(
        .disk, "space at the target", "cannot read the free space of a remote target",
        remedy:
          "check on the server that \(need ?? "two to three times the source's size") is free")
    }
    return DiskCheck(
      name: "space at the target", subject: .disk, path: folder, sourceByteCount: sourceByteCount
    ).run()
  }
}

extension Duration {
  /// `0.24 ms`, for people.
  package var millisecondText: String {
    let hundredths = Int((self / .microseconds(10)).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
  }

  var secondText: String { "\(Int((self / .seconds(1)).rounded())) s" }
}
