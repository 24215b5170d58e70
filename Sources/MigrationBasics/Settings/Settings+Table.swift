extension Settings {
  /// Every setting there is: help, `.env.example`, checks and `migrate config` come from here.
  package static let all: [Setting] =
    databaseSettings + passwordSettings + planSettings + migrationSettings + safetySettings
    + dumpSettings
    + monitoringSettings + notifySettings
    + connectionSettings + securitySettings

  private static let databaseSettings = [
    Setting(
      .source, flag: "source", .databaseURL(nil), .databases,
      "The database that data is moved from.",
      explanation: "A PostgreSQL or MongoDB URL, or the path of a dump that mongodump wrote. "
        + "It is only read. Certificates go into the URL (sslmode=verify-full, tls=true).",
      example: "postgres://reader@source-host:5432/legacy_db?sslmode=require"),
    Setting(
      .mongo, flag: "mongodb", .databaseURL([.mongo, .dump]), .databases,
      "The MongoDB database that data is moved from, for plans that read MongoDB.",
      explanation: "A path of a dump will do as well. It is only read.",
      example: "mongodb://reader@mongo-host:27017/nextcrm?authSource=admin"),
    Setting(
      .target, aliases: ["POSTGRESQL_URL"], flag: "target", .databaseURL([.postgres]), .databases,
      "The PostgreSQL database that data is moved to.",
      explanation: "The ledger of what has been done is kept there too, in a schema of its own.",
      example: "postgres://loader@target-host:5432/nxt_production?sslmode=require"),
    Setting(
      .backup, flag: "backup", .databaseURL([.postgres]), .databases,
      "The PostgreSQL database that backups are restored into to prove that they work.",
      explanation: "What is in it is overwritten: never name a database that is in use.",
      example: "postgres://loader@backup-host:5432/nxt_backup?sslmode=require"),
  ]

  private static let passwordSettings = [
    password(.sourcePassword, of: SettingKey.source.name),
    password(.mongoPassword, of: SettingKey.mongo.name),
    password(.targetPassword, of: SettingKey.target.name),
    password(.backupPassword, of: SettingKey.backup.name),
  ]

  private static func password(_ key: SettingKey<String?>, of url: String) -> Setting {
    Setting(
      key, .text, .passwords, "The password for \(url), if the URL has none.",
      explanation: "Nothing needs to be escaped here.", isSecret: true,
      example: "file:/run/secrets/\(key.name.lowercased())")
  }

  private static let planSettings = [
    Setting(
      .plan, flag: "plan", .text, .plan, "The plan: what is moved, and how.",
      explanation: "The name of a folder or file in MIGRATION_CONFIG_DIR, or a path.",
      example: "nxt"),
    Setting(.configFolder, .path, .plan, "The folder of plans, schemas and scripts."),
    Setting(.reportFolder, .path, .plan, "The folder that reports are written to."),
    Setting(
      .backupFolder, .path, .plan, "The folder that backups are written to.",
      explanation: "It needs room for a compressed copy of the target database."),
    Setting(.logFolder, .path, .plan, "The folder that logs are written to."),
    Setting(
      .ledgerSchema, .identifier, .plan, "The schema of the ledger in the target database.",
      explanation: "Change it only before the first run: a run that finds no ledger starts anew."),
    Setting(
      .nodeEnvironment, .text, .plan, "The kind of environment: production, staging, development.",
      explanation: "Taken for the other programs of a runbook, and shown in reports.",
      example: "production"),
  ]

  /// How many lanes a run may have; the connections that are allowed may be fewer.
  package static let laneRange = 1...256
  /// How many rows a chunk may have.
  package static let batchSizeRange = 1...1_000_000

  private static let migrationSettings = [
    Setting(
      .batchSize, flag: "batch-size", .count(batchSizeRange), .migration,
      "Rows of a chunk, the unit that is committed and retried as one.",
      explanation: "auto makes chunks of a few MiB, whatever the width of the rows.", inPlan: true),
    Setting(
      .chunkTimeout, flag: "timeout", .duration(0...86_400_000), .migration,
      "How long one chunk may take before it is rolled back and tried again; 0 is for ever.",
      inPlan: true),
    Setting(
      .maximumRetries, flag: "max-retries", .integer(0...100), .migration,
      "How often a chunk is tried again after a failure that may pass, such as a lost connection.",
      explanation: "The wait doubles from one try to the next.", inPlan: true),
    Setting(
      .isParallel, .boolean, .migration, "Whether chunks are moved side by side.",
      explanation: "false moves one chunk at a time, whatever the next setting says.", inPlan: true),
    Setting(
      .lanes, flag: "parallel", .count(laneRange), .migration,
      "How many chunks are moved side by side.",
      explanation: "auto takes two lanes, and one for a table of one chunk.", inPlan: true),
  ]

  private static let safetySettings = [
    Setting(
      .maximumMemory, flag: "max-memory", .byteSize, .migration,
      "How much memory this program may take before it stops, with what is committed safe.",
      explanation: "Without a limit it takes what the look-up tables and chunks need.",
      example: "512MiB"),
    Setting(
      .freeDisk, flag: "min-free-disk", .byteSize, .migration,
      "How much room the target's disk must keep, or the migration stops; 0 does not look.",
      explanation: "It is known only where the target's server runs on this machine. The disk of "
        + "backups must keep as much.", inPlan: true),
  ]

  private static let dumpSettings = [
    Setting(
      .leavesOutOplog, .boolean, .migration,
      "Whether the changes in a dump's oplog may be left out.",
      explanation:
        "They were made while mongodump --oplog was reading. A run refuses a dump with such changes, "
        + "unless this is true.")
  ]

  private static let monitoringSettings = [
    Setting(
      .isMonitoring, .boolean, .monitoring,
      "Whether progress is shown while a migration runs."),
    Setting(
      .logLevel, .choice(LogLevel.allCases.map(\.rawValue)), .monitoring,
      "How much is logged; each level with all those before it."),
    Setting(
      .logSize, .byteSize, .monitoring,
      "How large the log may become before the next file is begun."),
    Setting(
      .logFiles, .integer(0...1000), .monitoring,
      "How many full log files are kept besides the one that is written."),
    Setting(
      .progressInterval, .duration(100...3_600_000), .monitoring,
      "The time between two reports of progress where there is no terminal."),
    Setting(
      .healthCheckInterval, .duration(1000...3_600_000), .monitoring,
      "The time between two looks at the health of the servers during a run.", inPlan: true),
  ]

  private static let connectionSettings = [
    Setting(
      .poolSize, .integer(1...1000), .connections,
      "The most connections that a run opens to one database at a time.", inPlan: true),
    Setting(
      .idleTimeout, .duration(0...86_400_000), .connections,
      "How long a run keeps a connection that it does not need; 0 is for ever.", inPlan: true),
    Setting(
      .connectionTimeout, .duration(1...600_000), .connections,
      "How long to wait for a server to answer when connecting.",
      explanation: "Databases that sleep when idle need several seconds to wake up.", inPlan: true),
    Setting(
      .statementTimeout, flag: "statement-timeout", .duration(0...86_400_000), .connections,
      "How long one statement may run; 0 is for ever.",
      explanation: "Building an index of a large table takes its time: leave this generous.",
      inPlan: true),
    Setting(
      .lockTimeout, .duration(0...86_400_000), .connections,
      "How long to wait for a lock that another program holds; 0 is for ever.", inPlan: true),
  ]

  private static let securitySettings = [
    Setting(
      .isEncrypting, .boolean, .security, "Whether a connection without encryption is refused.",
      explanation: "true takes every connection without TLS for a mistake, unless it stays on "
        + "this machine."),
    Setting(
      .hashKey, .text, .security, "The key of the digests that the step hash of plans writes.",
      explanation:
        "At least 16 bytes that nobody can guess, such as those of openssl rand -hex 32. Keep it: "
        + "a migration goes on, retries and validates only with the key that it began with.",
      isSecret: true, example: "file:/run/secrets/migration_hash_key"),
    Setting(
      .isAuditing, .boolean, .security,
      "Whether each step that changes data is noted in the audit log, with who and when."),
  ]
}
