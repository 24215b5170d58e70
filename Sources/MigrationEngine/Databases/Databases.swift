import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Opens the databases that the settings name, with their limits and with errors worth reading.
public struct Databases: Sendable {
  package let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  public func target(onNotice: NoticeHandler? = nil) throws -> Connection {
    let connection = try connect(SettingKey.target, onNotice: onNotice)
    try RestoreMarker.refuse(connection, place: connection.facts.database)
    try FullRollbackMark.refuse(connection)
    return connection
  }

  /// Opens the PostgreSQL source that a setting names.
  public func source(_ setting: String = "SOURCE_DATABASE_URL") throws -> Connection {
    guard setting == SettingKey<DatabaseURL?>.source.name else {
      throw MigrationError(
        .configuration, "\(setting) is not a PostgreSQL database",
        remedy: "use a plan that reads from PostgreSQL")
    }
    let connection = try connect(SettingKey.source, onNotice: nil)
    try connection.takeTextsAsStored()
    return connection
  }

  /// Where a PostgreSQL database is that a setting names, once it is sure that it may be used.
  package func place(_ key: SettingKey<DatabaseURL?>) throws -> ConnectionString {
    try ConnectionString(checkedURL(key).connectionString)
  }

  /// Where the source of a plan is, once it is sure that it may be used.
  public func sourcePlace(_ source: SourceSpec) throws -> SourcePlace {
    let key = try key(of: source)
    let url = try settings.required(key)
    let addresses = source.kind.addresses
    guard addresses.contains(url.kind), let kind = SourceKinds.kind(of: url) else {
      throw MigrationError(
        .configuration, "\(key.name) is not a \(addresses.first?.product ?? "known") database",
        place: url.redacted,
        remedy: "set \(key.name) to "
          + addresses.map(\.address).joined(separator: " or "))
    }
    if settings.value(.isEncrypting) { try url.requireEncryption(setting: key.name) }
    return SourcePlace(try kind.init(url, setting: key.name))
  }

  /// Lists what the source of a plan has for it.
  package func catalog(of plan: Plan) throws -> SourceCatalog {
    try sourcePlace(plan.source).kind.catalog(of: plan, self)
  }

  /// The setting that a plan's source is named by; tables have one alone.
  private func key(of source: SourceSpec) throws -> SettingKey<DatabaseURL?> {
    guard source.kind.hasDocuments else { return .source }
    guard let key = [SettingKey.source, .mongo].first(where: { $0.name == source.setting }) else {
      throw MigrationError(
        .configuration, "\(source.setting) is not the setting of a source",
        remedy: "set source: { setting: \"MONGODB_URL\" } in the plan")
    }
    return key
  }

  private func connect(
    _ key: SettingKey<DatabaseURL?>, onNotice: NoticeHandler?
  ) throws -> Connection {
    try connect(checkedURL(key), setting: key.name, onNotice: onNotice)
  }

  package func connect(
    _ url: DatabaseURL, setting: String, onNotice: NoticeHandler? = nil
  ) throws -> Connection {
    let place = try ConnectionString(url.connectionString)
    do { return try Connection(to: place, options: options(onNotice)) } catch {
      if let refusal = FullRollbackMark.behind(error, at: place) { throw refusal }
      throw MigrationError(connecting: error, to: url, setting: setting)
    }
  }

  func checkedURL(_ key: SettingKey<DatabaseURL?>) throws -> DatabaseURL {
    try checked(settings.required(key), setting: key.name)
  }

  package func checked(_ url: DatabaseURL, setting: String) throws -> DatabaseURL {
    guard url.kind.canBeTarget else {
      throw MigrationError(
        .configuration, "\(setting) is not a PostgreSQL database", place: url.redacted,
        remedy: "set \(setting) to a postgres:// URL")
    }
    if settings.value(.isEncrypting) { try url.requireEncryption(setting: setting) }
    return url
  }

  private func options(_ onNotice: NoticeHandler?) -> ConnectionOptions {
    var options = ConnectionOptions()
    options.connectTimeout = settings.value(.connectionTimeout)
    options.statementTimeout = limit(.statementTimeout)
    options.lockTimeout = limit(.lockTimeout)
    options.onNotice = onNotice
    return options
  }

  /// Zero means no limit of ours.
  private func limit(_ key: SettingKey<Duration>) -> Duration? {
    let value = settings.value(key)
    return value == .zero ? nil : value
  }
}
