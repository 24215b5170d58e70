import FoundationEssentials
import MigrationBasics
import MigrationEngine
import MigrationPlan
import Postgres

/// Fills a database with a legacy system's tables, for trying the NXT migration out and for tests.
///
/// The rows are linked and look like those of a trading company. The same seed, size and share give
/// the same rows to the byte, on any machine. With a share of faulty rows, every fault that the
/// mapping has a rule for is there, each row has at most one, and the manifest names them all. What
/// is not faulty refers only to what is not faulty, so no fault costs more than its own row.
package struct SampleData {
  /// What is to be made.
  package struct Options: Sendable {
    package var size: SampleSize
    /// The share of faulty rows, from 0 to 0.5.
    package var dirty: Double
    package var seed: UInt64
    package var schema: String
    package var tables: [SampleTable]
    /// Whether tables of these names that are there already are dropped first.
    package var replaces: Bool

    package init(
      customers: Int, dirty: Double = 0, seed: UInt64 = 1, schema: String = "public",
      tables: [SampleTable] = SampleTable.allCases, replaces: Bool = false
    ) {
      (size, self.dirty, self.seed) = (SampleSize(customers: customers), dirty, seed)
      (self.schema, self.tables, self.replaces) = (schema, tables, replaces)
    }
  }

  private let connection: Connection
  private let options: Options
  private let layout: SampleLayout
  private var manifest: SampleManifest

  /// Makes the tables and fills them, all in one transaction, and counts them for the planner.
  ///
  /// - Parameter definitions: the SQL file with the tables, `config/nxt/legacy.sql`.
  /// - Parameter onTable: is called for each table when it is full.
  /// - Throws: `MigrationError` if one of the tables is there already and may not be replaced.
  package static func generate(
    _ options: Options, definitions path: String, on connection: Connection,
    onTable: (SampleTable, Int) -> Void = { _, _ in }
  ) throws -> SampleManifest {
    var sample = SampleData(options, connection)
    let definitions = try SchemaFile(path: path)
    try sample.refuseExisting()
    try connection.inTransaction {
      try sample.dropReplaced()
      try SchemaFileRunner(connection: connection, schema: options.schema).rehearse(definitions)
      for table in options.tables { onTable(table, try sample.fillThenKey(table)) }
    }
    for table in options.tables { try connection.execute("ANALYZE " + sample.name(table)) }
    return sample.manifest
  }

  private init(_ options: Options, _ connection: Connection) {
    (self.options, self.connection) = (options, connection)
    let share = min(0.5, max(0, options.dirty))
    let size = options.size.grown(forShare: share)
    layout = SampleLayout(seed: options.seed, size: size, dirty: share)
    manifest = SampleManifest(
      seed: options.seed, dirty: share, size: size, entries: [], tables: options.tables)
  }

  private func name(_ table: SampleTable) throws -> String {
    try SQL.identifier(schema: options.schema, table.rawValue)
  }

  private func refuseExisting() throws {
    guard !options.replaces else { return }
    let found = try CatalogReader(connection).tables(
      schema: options.schema, named: SampleTable.allCases.map(\.rawValue))
    guard let first = found.first else { return }
    throw MigrationError(
      .failed, "table \(first.name) already exists; sample data never mixes with other rows",
      place: "database \(connection.facts.database), schema \(options.schema)",
      remedy: "choose an empty database, or replace the sample tables with --replace")
  }

  private func dropReplaced() throws {
    guard options.replaces else { return }
    for table in SampleTable.allCases {
      try connection.execute("DROP TABLE IF EXISTS " + name(table))
    }
  }

  /// Fills one table without its key, which is made afterwards in less than half the time.
  private mutating func fillThenKey(_ table: SampleTable) throws -> Int {
    let (name, key) = (try name(table), try SQL.identifier(table.rawValue + "_pkey"))
    try connection.execute("ALTER TABLE \(name) DROP CONSTRAINT \(key)")
    let count = try fill(table)
    try connection.execute("ALTER TABLE \(name) ADD CONSTRAINT \(key) PRIMARY KEY (id)")
    return count
  }

  /// Fills one table and notes its faults.
  private mutating func fill(_ table: SampleTable) throws -> Int {
    // Frozen rows spare the source a second write of each page; the table is this transaction's own.
    let copy = try connection.copyIn("COPY \(name(table)) FROM STDIN WITH (FREEZE)")
    var writer = SampleWriter(layout)
    var keys: [SampleFault: [String]] = [:]
    for row in 0..<layout.size[table] {
      let fault = layout.fault(table, row)
      writer.write(table, row, fault)
      if let fault { keys[fault, default: []].append(layout.key(table, row).description) }
      try copy.sendIfFull(writer.row.buffer)
    }
    try copy.send(writer.row.buffer)
    let count = try copy.finish()
    manifest.entries += SampleFault.all(of: table).compactMap { fault in
      keys[fault].map { SampleManifest.Entry(fault: fault, keys: $0) }
    }
    return count
  }
}
