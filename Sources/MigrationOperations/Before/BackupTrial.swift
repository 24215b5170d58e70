import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Dumps a schema that is made for it and restores it, with the tools that a backup needs, and
/// compares what comes back.
///
/// It is restored into the backup database if one is set, and else into the target itself.
struct BackupTrial {
  let request: ReadinessRequest

  func look(_ part: inout ReadinessPart) throws {
    let target = try request.connect()
    let dump = try tool("pg_dump", target)
    let restore = try tool("pg_restore", target)
    let file = try dumpFile()
    defer { unlink(file) }
    var alone: [String] = []
    let facts = try TrialSchema.hold(target, leavesAlone: { alone.append($0) }) { trial in
      try run(trial, dump, restore, file)
    }
    part.facts += facts + alone.map(TrialSchema.leftAlone)
  }

  /// What a schema holds: its objects, and its rows.
  private struct Contents: Equatable {
    let objects: SchemaFingerprint
    let rows: Int
    let digest: String
  }

  private func run(
    _ trial: TrialSchema, _ dump: Tool, _ restore: Tool, _ file: String
  ) throws -> [String] {
    let place = try Databases(request.settings).postgres(.target)
    try fill(trial)
    let before = try contents(trial, trial.connection)
    let start = ContinuousClock.now
    try call(
      dump, ["--format=custom", "--no-owner", "--schema=\(trial.name)", "--file=\(file)"], place)
    let dumped = ContinuousClock.now
    try trial.drop(in: trial.connection)
    let home = try request.backupPlace()
    let connection = try home?.connect() ?? trial.connection
    defer { if home != nil { try? trial.drop(in: connection) } }
    try call(
      restore,
      ["--no-owner", "--exit-on-error", "--dbname=\(connection.facts.database)", file],
      home ?? place)
    let restored = ContinuousClock.now
    let after = try contents(trial, connection)
    guard after == before else {
      throw MigrationError(
        .coded(.corruption),
        "the restored data differs from the dump: \(CountText.of(after.rows, "row")) and "
          + "\(after.objects), instead of \(CountText.of(before.rows, "row")) and \(before.objects)",
        place: connection.facts.database,
        remedy: "check that the tools match the servers: migrate check")
    }
    var status = stat()
    let size = stat(file, &status) == 0 ? Int(status.st_size) : 0
    return [
      "\(dump.name) \(dump.version) dumped \(CountText.of(before.rows, "row")) in "
        + "\((dumped - start).millisecondText), \(ByteCount.text(size)) below \(request.backupFolder)",
      "\(restore.name) \(restore.version) restored it in \((restored - dumped).millisecondText) into "
        + "\(home == nil ? "the target" : "the backup database") without a difference",
    ]
  }

  /// Values of the kinds that a dump has to get right.
  private func fill(_ trial: TrialSchema) throws {
    let schema = try SQL.identifier(trial.name)
    try trial.connection.execute(
      """
      CREATE TABLE \(schema).parents (id uuid PRIMARY KEY, name text NOT NULL UNIQUE);
      CREATE TABLE \(schema).rows (id int PRIMARY KEY, parent uuid REFERENCES \(schema).parents,
        amount numeric(12, 2), seen timestamptz, facts jsonb, bytes bytea, words text[]);
      CREATE INDEX ON \(schema).rows (seen);
      INSERT INTO \(schema).parents
        SELECT md5('parent ' || n)::uuid, 'Ž''"\\ ' || n || chr(10) FROM generate_series(1, 10) n;
      INSERT INTO \(schema).rows SELECT n, md5('parent ' || n % 10 + 1)::uuid, n / 7.0,
        timestamptz '2024-02-29 23:59:59.999999Z' + n * interval '1 hour',
        jsonb_build_object('n', n, 'text', E'\t' || n), decode(md5(n::text), 'hex'),
        CASE WHEN n % 3 > 0 THEN ARRAY['a,b', NULL, n::text] END FROM generate_series(1, 1000) n
      """)
  }

  private func contents(_ trial: TrialSchema, _ connection: Connection) throws -> Contents {
    let name = try SQL.identifier(schema: trial.name, "rows")
    let parents = try SQL.identifier(schema: trial.name, "parents")
    let objects = try SchemaFingerprint(of: trial.name, connection)
    guard try connection.query("SELECT to_regclass($1) IS NOT NULL", [name]).bool(0, 0) == true
    else { return Contents(objects: objects, rows: 0, digest: "") }
    let found = try connection.query(
      """
      SELECT count(*), md5(string_agg(row, chr(10) ORDER BY row COLLATE "C")) FROM (
        SELECT t::text AS row FROM \(name) t UNION ALL SELECT p::text FROM \(parents) p) rows
      """)
    return Contents(
      objects: objects, rows: found.int(0, 0) ?? 0,
      digest: found.text(0, 1) ?? "")
  }
}

// The tools.
extension BackupTrial {
  /// So long a dump of a few rows may take.
  private static let patience = Duration.seconds(120)

  /// The program that a backup would take.
  private func tool(_ name: String, _ target: Connection) throws -> Tool {
    try PostgresTools(environment: request.environment).find(
      name, atLeast: target.facts.serverVersion.major, package: "postgresql-client")
  }

  private func dumpFile() throws -> String {
    do {
      try AtomicFile.makeFolder(request.backupFolder)
    } catch {
      throw MigrationError(
        .coded(.disk), "could not create the backup folder: \(error)",
        place: request.backupFolder, remedy: "set MIGRATION_BACKUP_DIR to another folder")
    }
    return "\(request.backupFolder)/\(ScratchSchema.name("trial")).dump"
  }

  private func call(_ tool: Tool, _ arguments: [String], _ place: PostgresPlace) throws {
    let deadline = ContinuousClock.now + Self.patience
    let ending = try ProgramRun {
      guard ContinuousClock.now < deadline else {
        throw MigrationError(
          .coded(.timeout), "\(tool.name) did not end within \(Self.patience)")
      }
    }.run(
      ProgramCall(
        path: tool.path, arguments: ["--no-password"] + arguments,
        environment: try place.environment(request.environment, purpose: "migrate validate-all")))
    guard ending.exitCode == 0 else {
      throw MigrationError(
        .failed, "\(tool.name) failed: \(ending.reason)",
        remedy: "check that the tools are not older than the servers: migrate check")
    }
  }
}
