/// One line of the table of settings: a name, what it takes, and what it is for.
package struct Setting: Sendable {
  /// The headings under which people look for settings.
  package enum Group: String, Sendable, CaseIterable {
    case databases = "Databases"
    case passwords = "Passwords"
    case plan = "Plan and folders"
    case migration = "Migration"
    case monitoring = "Monitoring"
    case connections = "Connections"
    case security = "Security"
  }

  package let name: String
  package let aliases: [String]
  /// The command line option without its dashes; nil for settings that have none of their own.
  package let flag: String?
  package let kind: SettingKind
  /// The default value; nil if there is none.
  package let defaultText: String?
  package let group: Group
  /// What it is, on one line.
  package let summary: String
  /// What else one should know, in a few sentences; may be empty.
  package let explanation: String
  /// True if no output may ever show the value.
  package let isSecret: Bool
  package let example: String
  /// Whether a plan may hold it. What belongs to an environment, a machine or a person may not.
  package let mayStandInPlan: Bool

  init<Value>(
    _ key: SettingKey<Value>, aliases: [String] = [], flag: String? = nil, _ kind: SettingKind,
    _ group: Group, _ summary: String, explanation: String = "", isSecret: Bool = false,
    example: String? = nil, inPlan: Bool = false
  ) {
    name = key.name
    self.aliases = aliases
    self.flag = flag
    self.kind = kind
    defaultText = key.fallback.settingText
    self.group = group
    self.summary = summary
    self.explanation = explanation
    self.isSecret = isSecret
    mayStandInPlan = inPlan
    self.example = example ?? key.fallback.settingText ?? ""
  }

  /// The name and its other names.
  package var names: [String] { [name] + aliases }

  /// Whether the value is the address of a database.
  package var isURL: Bool { if case .databaseURL = kind { true } else { false } }
}

/// The name of a setting together with the type of its value and the default value.
package struct SettingKey<Value: SettingRepresentable>: Sendable {
  package let name: String
  package let fallback: Value

  init(_ name: String, _ fallback: Value) {
    self.name = name
    self.fallback = fallback
  }
}

extension SettingKey where Value == DatabaseURL? {
  package static var source: Self { Self("SOURCE_DATABASE_URL", nil) }
  package static var mongo: Self { Self("MONGODB_URL", nil) }
  package static var target: Self { Self("DATABASE_URL", nil) }
  package static var backup: Self { Self("BACKUP_DATABASE_URL", nil) }
}

extension SettingKey where Value == String? {
  package static var sourcePassword: Self { Self("SOURCE_DATABASE_PASSWORD", nil) }
  package static var mongoPassword: Self { Self("MONGODB_PASSWORD", nil) }
  package static var targetPassword: Self { Self("DATABASE_PASSWORD", nil) }
  package static var backupPassword: Self { Self("BACKUP_DATABASE_PASSWORD", nil) }
  package static var hashKey: Self { Self("MIGRATION_HASH_KEY", nil) }
  package static var plan: Self { Self("MIGRATION_PLAN", nil) }
  package static var nodeEnvironment: Self { Self("NODE_ENV", nil) }
}

extension SettingKey where Value == String {
  package static var configFolder: Self { Self("MIGRATION_CONFIG_DIR", "config") }
  package static var reportFolder: Self { Self("MIGRATION_REPORT_DIR", ".") }
  package static var backupFolder: Self { Self("MIGRATION_BACKUP_DIR", "backups") }
  package static var logFolder: Self { Self("MIGRATION_LOG_DIR", "logs") }
  package static var ledgerSchema: Self { Self("MIGRATION_LEDGER_SCHEMA", "migrate") }
}

extension SettingKey where Value == Count {
  package static var batchSize: Self { Self("MIGRATION_BATCH_SIZE", .automatic) }
  package static var lanes: Self { Self("MIGRATION_PARALLEL_MAX_CONCURRENT", .automatic) }
}

extension SettingKey where Value == Int {
  package static var maximumRetries: Self { Self("MIGRATION_MAX_RETRIES", 3) }
  package static var logSize: Self { Self("MIGRATION_LOG_MAX_SIZE", 10 << 20) }
  package static var logFiles: Self { Self("MIGRATION_LOG_MAX_FILES", 5) }
  package static var poolSize: Self { Self("DATABASE_POOL_SIZE", 10) }
}

extension SettingKey where Value == Bool {
  package static var isParallel: Self { Self("MIGRATION_PARALLEL_ENABLED", true) }
  package static var isMonitoring: Self { Self("ENABLE_REAL_TIME_MONITORING", true) }
  package static var isEncrypting: Self { Self("MIGRATION_ENCRYPTION_ENABLED", false) }
  package static var leavesOutOplog: Self { Self("MIGRATION_LEAVE_OUT_OPLOG", false) }
  package static var isAuditing: Self { Self("MIGRATION_AUDIT_LOGGING", true) }
}

extension SettingKey where Value == ByteSize? {
  package static var maximumMemory: Self { Self("MIGRATION_MAX_MEMORY", nil) }
}

extension SettingKey where Value == ByteSize {
  package static var freeDisk: Self { Self("MIGRATION_MIN_FREE_DISK", ByteSize(1 << 30)) }
}

extension SettingKey where Value == LogLevel {
  package static var logLevel: Self { Self("MIGRATION_LOG_LEVEL", .info) }
}

extension SettingKey where Value == Duration {
  package static var chunkTimeout: Self { Self("MIGRATION_TIMEOUT", .seconds(300)) }
  package static var progressInterval: Self { Self("MIGRATION_PROGRESS_INTERVAL", .seconds(5)) }
  package static var healthCheckInterval: Self {
    Self("MIGRATION_HEALTH_CHECK_INTERVAL", .seconds(30))
  }
  package static var connectionTimeout: Self { Self("DATABASE_CONNECTION_TIMEOUT", .seconds(10)) }
  package static var idleTimeout: Self { Self("DATABASE_IDLE_TIMEOUT", .seconds(30)) }
  package static var statementTimeout: Self { Self("DATABASE_STATEMENT_TIMEOUT", .zero) }
  package static var lockTimeout: Self { Self("DATABASE_LOCK_TIMEOUT", .seconds(10)) }
}
