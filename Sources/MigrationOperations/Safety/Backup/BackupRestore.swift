import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Puts a backup back into a database, and compares what is there then with the manifest.
///
/// If the database is empty, tables are restored side by side. If it is not, everything that
/// the backup has is replaced in one transaction. In both cases a mark in the database says that it
/// has begun, until everything was compared: a restore that is killed is ended by beginning it again.
/// Rows alone (of some tables, or of a backup of rows) are put back in one transaction, which is
/// committed only if they are what the manifest says.
package struct BackupRestore {
  package struct Options: Sendable {
    /// The tables whose rows are put back; nil for everything that the backup has.
    package var tables: [String]?
    /// Whether tables with rows in them may be replaced.
    package var replaces = false
    /// How many tables are restored side by side; nil for as many as were dumped so.
    package var jobs: Int?
    /// Whether owners and grants come back too.
    package var keepsOwners = true
    package var ledgerSchema = Ledger.defaultSchema
    /// The tables that the plan reads; nil if no plan is known, and then all tables may be such.
    package var sourceTables: [QualifiedName]?

    package init() {}
  }

  /// How it was done.
  package enum Way: String, Sendable {
    /// Into an empty database.
    case fresh
    /// In place of what was there.
    case replaced
    /// Rows alone.
    case rows
  }

  package struct Outcome: Sendable {
    package let backup: String
    package let database: String
    package let way: Way
    /// How many tables and rows were compared; nil rows if there is nothing to compare with.
    package let tables: Int
    package let rows: Int?
    /// Where the database is not what the manifest says, or what the backup of others has.
    package let differences: [String]
    /// What was verified of a backup without a manifest.
    package var proof: String?
    /// Whether an earlier restore had not come to its end here.
    package let mended: Bool
    package let restoreMilliseconds: Int
    package let compareMilliseconds: Int
  }

  package let work: BackupWork

  package init(_ work: BackupWork) { self.work = work }

  /// Restores a backup into a database.
  package func restore(
    _ backup: Backup, into place: PostgresPlace, options: Options = Options()
  ) throws -> Outcome {
    let manifest = try readable(backup)
    let connection = try place.connect()
    try connection.requireRestorable()
    // A migration, or another restore, must not be at work meanwhile.
    try Ledger(connection, schema: options.ledgerSchema).lock()
    try connection.execute("SET statement_timeout = 0")
    let target = try RestoreTarget(connection, place, manifest)
    try target.keepSource(of: manifest, options, work)
    guard Self.way(manifest, target, options) == .rows else {
      return try WholeRestore(work: work, target: target).run(backup.dump, manifest, options)
    }
    return try RowsRestore(work: work, target: target).run(backup, manifest, options)
  }

  package static func way(_ manifest: BackupManifest, _ target: RestoreTarget, _ options: Options)
    -> Way
  {
    if options.tables != nil || manifest.contents == .data { return .rows }
    if target.isFresh { return .fresh }
    return manifest.contents == .tables ? .rows : .replaced
  }

  /// Makes sure that every file is what it was, before anything is changed.
  package func readable(_ backup: Backup) throws -> BackupManifest {
    let files = BackupFiles(backup: backup, work: work)
    let manifest: BackupManifest
    switch files.manifest() {
    case .failure(let findings): throw Self.damaged(backup, findings.all)
    case .success(let (found, _)): manifest = found
    }
    guard manifest.contents != .documents else {
      throw MigrationError(
        .configuration, "\(backup.name) contains MongoDB documents", place: backup.path,
        remedy: "restore it with mongorestore --dir \(backup.dump), or migrate from it: "
          + "MONGODB_URL=dump:\(backup.dump)")
    }
    let findings = try files.check(manifest).filter { $0.code != .extra }
    guard findings.isEmpty else { throw Self.damaged(backup, findings) }
    if backup.state != .verified {
      work.note("\(backup.name) was never verified")
    }
    return manifest
  }

  private static func damaged(_ backup: Backup, _ findings: [BackupFinding]) -> MigrationError {
    MigrationError(
      .coded(.corruption),
      "\(backup.name) is damaged: " + findings.prefix(5).map(\.what).joined(separator: "; "),
      reason: "damaged", place: backup.path,
      remedy: "nothing was changed; use another backup: migrate backup list")
  }
}
