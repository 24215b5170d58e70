/// One line of the table of settings: a name, what it takes, and what it is for.
public struct Setting: Sendable {
  /// The headings under which people look for settings.
  public enum Group: String, Sendable, CaseIterable {
    case databases = "Databases"
    case passwords = "Passwords"
    case plan = "Plan and folders"
    case migration = "Migration"
    case monitoring = "Monitoring"
    case connections = "Connections"
    case security = "Security"
  }

  public let name: String
  public let aliases: [String]
  /// The command line option without its dashes; nil for settings that have none of their own.
  public let flag: String?
  public let kind: SettingKind
  /// The value when nobody sets one; nil if there is none.
  public let defaultText: String?
  public let group: Group
  /// What it is, on one line.
  public let summary: String
  /// What else one should know, in a few sentences; may be empty.
  public let explanation: String
  /// True if no output may ever show the value.
  public let isSecret: Bool
  public let example: String

  init<Value>(
    _ key: SettingKey<Value>, aliases: [String] = [], flag: String? = nil, _ kind: SettingKind,
    _ group: Group, _ summary: String, explanation: String = "", isSecret: Bool = false,
    example: String? = nil
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
    self.example = example ?? key.fallback.settingText ?? ""
  }

  /// The name and its other names.
  public var names: [String] { [name] + aliases }

  var isURL: Bool { if case .databaseURL = kind { true } else { false } }
}

/// The name of a setting together with the type of its value and the value when nobody sets one.
public struct SettingKey<Value: SettingRepresentable>: Sendable {
  public let name: String
  public let fallback: Value

  init(_ name: String, _ fallback: Value) {
    self.name = name
    self.fallback = fallback
  }
}

extension SettingKey where Value == DatabaseURL? {
  public static var source: Self { Self("SOURCE_DATABASE_URL", nil) }
  public static var mongo: Self { Self("MONGODB_URL", nil) }
  public static var target: Self { Self("DATABASE_URL", nil) }
  public static var backup: Self { Self("BACKUP_DATABASE_URL", nil) }
}

extension SettingKey where Value == String? {
  public static var sourcePassword: Self { Self("SOURCE_DATABASE_PASSWORD", nil) }
  public static var mongoPassword: Self { Self("MONGODB_PASSWORD", nil) }
  public static var targetPassword: Self { Self("DATABASE_PASSWORD", nil) }
  public static var backupPassword: Self { Self("BACKUP_DATABASE_PASSWORD", nil) }
  public static var hashKey: Self { Self("MIGRATION_HASH_KEY", nil) }
  public static var plan: Self { Self("MIGRATION_PLAN", nil) }
  public static var nodeEnvironment: Self { Self("NODE_ENV", nil) }
}

extension SettingKey where Value == String {
  public static var configFolder: Self { Self("MIGRATION_CONFIG_DIR", "config") }
  public static var reportFolder: Self { Self("MIGRATION_REPORT_DIR", ".") }
  public static var backupFolder: Self { Self("MIGRATION_BACKUP_DIR", "backups") }
  public static var logFolder: Self { Self("MIGRATION_LOG_DIR", "logs") }
  public static var ledgerSchema: Self { Self("MIGRATION_LEDGER_SCHEMA", "migrate") }
}

extension SettingKey where Value == Count {
  public static var batchSize: Self { Self("MIGRATION_BATCH_SIZE", .automatic) }
  public static var lanes: Self { Self("MIGRATION_PARALLEL_MAX_CONCURRENT", .automatic) }
}

extension SettingKey where Value == Int {
  public static var maximumRetries: Self { Self("MIGRATION_MAX_RETRIES", 3) }
  public static var logSize: Self { Self("MIGRATION_LOG_MAX_SIZE", 10 << 20) }
  public static var logFiles: Self { Self("MIGRATION_LOG_MAX_FILES", 5) }
  public static var poolSize: Self { Self("DATABASE_POOL_SIZE", 10) }
}

extension SettingKey where Value == Bool {
  public static var isParallel: Self { Self("MIGRATION_PARALLEL_ENABLED", true) }
  public static var isMonitoring: Self { Self("ENABLE_REAL_TIME_MONITORING", true) }
  public static var isEncrypting: Self { Self("MIGRATION_ENCRYPTION_ENABLED", false) }
  public static var leavesOutOplog: Self { Self("MIGRATION_LEAVE_OUT_OPLOG", false) }
  public static var isAuditing: Self { Self("MIGRATION_AUDIT_LOGGING", true) }
}

extension SettingKey where Value == ByteSize? {
  public static var maximumMemory: Self { Self("MIGRATION_MAX_MEMORY", nil) }
}

extension SettingKey where Value == ByteSize {
  public static var freeDisk: Self { Self("MIGRATION_MIN_FREE_DISK", ByteSize(1 << 30)) }
}

extension SettingKey where Value == LogLevel {
  public static var logLevel: Self { Self("MIGRATION_LOG_LEVEL", .info) }
}

extension SettingKey where Value == Duration {
  public static var chunkTimeout: Self { Self("MIGRATION_TIMEOUT", .seconds(300)) }
  public static var progressInterval: Self { Self("MIGRATION_PROGRESS_INTERVAL", .seconds(5)) }
  public static var healthCheckInterval: Self {
    Self("MIGRATION_HEALTH_CHECK_INTERVAL", .seconds(30))
  }
  public static var connectionTimeout: Self { Self("DATABASE_CONNECTION_TIMEOUT", .seconds(10)) }
  public static var idleTimeout: Self { Self("DATABASE_IDLE_TIMEOUT", .seconds(30)) }
  public static var statementTimeout: Self { Self("DATABASE_STATEMENT_TIMEOUT", .zero) }
  public static var lockTimeout: Self { Self("DATABASE_LOCK_TIMEOUT", .seconds(10)) }
}
