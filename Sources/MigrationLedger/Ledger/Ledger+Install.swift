import Postgres

extension Ledger {
  /// The version that this program installs and understands.
  package static var version: Int { LedgerUpgrades.steps.count }

  /// What a database has of a ledger.
  package enum Condition: Sendable, Hashable {
    case absent
    case current
    case older(version: Int)
    case newer(version: Int)
  }

  /// Returns what the database has of a ledger, without changing anything.
  package func condition() throws(PostgresError) -> Condition {
    guard let version = try installedVersion() else { return .absent }
    if version == Self.version { return .current }
    return version < Self.version ? .older(version: version) : .newer(version: version)
  }

  /// Creates the ledger, or upgrades an older one; changes nothing in a current one.
  ///
  /// All of it is one transaction. Two programs that install at once wait for each other.
  package func install() throws {
    if try condition() == .current { return }
    // Inside a transaction of the caller's, a dry run's for instance, it is undone with it.
    try atomically {
      try connection.query("SELECT pg_advisory_xact_lock($1, $2)", AdvisoryKey.install.parameters)
      if case .newer(let version) = try condition() { throw newer(version) }
      try createSchema()
      try upgrade(from: try installedVersion() ?? 0)
    }
  }

  /// Checks that there is a ledger which this program understands.
  package func requireInstalled() throws {
    switch try condition() {
    case .current: return
    case .newer(let version): throw newer(version)
    case .absent, .older:
      throw LedgerError(
        .notInstalled, "the database has no current ledger", place: "schema \(schema)",
        remedy: "create it with a migration: migrate run")
    }
  }

  /// The ledger's own identity, drawn when it was installed; it distinguishes one target from another.
  package func identity() throws -> String {
    let row = try oneRow(
      "SELECT ledger::text FROM \(names.meta)",
      otherwise: LedgerError(.ledgerDamaged, "the ledger has lost its identity"))
    return row.string(0)
  }

  private func installedVersion() throws(PostgresError) -> Int? {
    let there = try connection.query("SELECT to_regclass($1) IS NOT NULL", [names.meta])
    guard there.bool(0, 0) == true else { return nil }
    return try connection.query("SELECT version FROM \(names.meta)").rows.first?.int(0)
  }

  private func createSchema() throws(PostgresError) {
    // IF NOT EXISTS asks for the right to create schemas even if the schema is there.
    let there = try connection.query(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", [schema])
    if there.bool(0, 0) != true { try connection.execute("CREATE SCHEMA \(names.schema)") }
    // gen_random_uuid came with PostgreSQL 13.
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS \(names.meta) (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        version integer NOT NULL,
        ledger uuid NOT NULL
          DEFAULT md5(random()::text || clock_timestamp()::text || pg_backend_pid()::text)::uuid,
        installed timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      INSERT INTO \(names.meta) (version) VALUES (0) ON CONFLICT DO NOTHING;
      """)
  }

  private func upgrade(from version: Int) throws(PostgresError) {
    let steps = LedgerUpgrades.steps.dropFirst(version).map { $0(names) }
    try connection.execute(steps.joined(separator: "\n"))
    try enterVersion()
  }

  private func newer(_ version: Int) -> LedgerError {
    LedgerError(
      .newerLedger,
      "the ledger has version \(version), and this program supports versions up to \(Self.version)",
      place: "schema \(schema)", remedy: "use the newer program that wrote the ledger")
  }
}

/// The advisory locks that the ledger takes, apart from any that applications use.
struct AdvisoryKey: Sendable {
  /// "MIGR" in ASCII: the first half of every key.
  static let family: Int32 = 0x4D49_4752
  let purpose: Int32

  static let migration = AdvisoryKey(purpose: 1)
  static let install = AdvisoryKey(purpose: 2)
  static let restore = AdvisoryKey(purpose: 3)

  var parameters: [(any ParameterConvertible)?] { [Self.family, purpose] }
}
