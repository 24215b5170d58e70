import MigrationBasics

/// How a database is checked.
package struct ProbeOptions: Sendable {
  /// The time for reaching it.
  package var timeout: Duration
  /// The time for each question.
  package var statementTimeout: Duration
  /// How many round trips are measured.
  package var repetitions: Int
  /// The schema whose tables are checked; PostgreSQL only.
  package var schema: String
  /// Whether a connection without TLS to another machine is refused.
  package var requiresEncryption: Bool

  package init(
    timeout: Duration = .seconds(10), statementTimeout: Duration = .seconds(30),
    repetitions: Int = 1, schema: String = "public", requiresEncryption: Bool = false
  ) {
    (self.timeout, self.statementTimeout) = (timeout, statementTimeout)
    (self.repetitions, self.schema) = (repetitions, schema)
    self.requiresEncryption = requiresEncryption
  }
}

/// What came of looking at one database.
package struct ProbeResult: Sendable {
  package let database: ConfiguredDatabase
  package let outcome: Result<DatabaseFacts, MigrationError>

  package var facts: DatabaseFacts? { try? outcome.get() }
  package var failure: MigrationError? {
    if case .failure(let error) = outcome { error } else { nil }
  }
}

/// Reaches databases and describes what is there.
package enum DatabaseProbe {
  /// Checks one database; a failure is part of the result.
  package static func look(at database: ConfiguredDatabase, _ options: ProbeOptions) -> ProbeResult
  {
    ProbeResult(
      database: database,
      outcome: Result { () throws(MigrationError) in
        try facts(database, options)
      })
  }

  private static func facts(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts {
    if options.requiresEncryption {
      try database.url.requireEncryption(setting: database.setting)
    }
    guard let kind = SourceKinds.kind(of: database.url) else { throw database.unknownKind }
    let facts = try kind.probe(database, options)
    if options.requiresEncryption, facts.tls == nil, !database.url.staysOnThisMachine {
      throw MigrationError(
        .coded(.connection),
        "the connection is not encrypted, and MIGRATION_ENCRYPTION_ENABLED requires it",
        reason: "notEncrypted", place: database.url.redacted,
        remedy: "add sslmode=verify-full (PostgreSQL) or tls=true (MongoDB) to \(database.setting)")
    }
    if database.role != .source, let reason = facts.readOnlyReason {
      throw MigrationError(
        .coded(.connection), "the \(database.role.rawValue) is read-only: \(reason)",
        reason: "readOnly", place: database.url.redacted,
        remedy: "name the primary in \(database.setting), or end the read-only setting")
    }
    return facts
  }
}
