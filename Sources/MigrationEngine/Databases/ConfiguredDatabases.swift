import MigrationBasics

/// The databases that the settings name, in the order of a migration.
package struct ConfiguredDatabases: Sendable {
  package let all: [ConfiguredDatabase]
  /// Roles that a migration needs and that no setting fills.
  package let missing: [DatabaseRole]

  /// Finds every database that is set.
  ///
  /// - Parameter sourceSetting: the setting that the plan reads from; nil takes all that are set.
  package init(_ settings: Settings, sourceSetting: String? = nil) {
    let sources: [SettingKey<DatabaseURL?>] = [.source, .mongo]
    var found: [ConfiguredDatabase] = []
    for key in sources where sourceSetting == nil || key.name == sourceSetting {
      if let url = settings.value(key) {
        found.append(ConfiguredDatabase(role: .source, setting: key.name, url: url))
      }
    }
    if let url = settings.value(SettingKey.target) {
      found.append(ConfiguredDatabase(role: .target, setting: SettingKey.target.name, url: url))
    }
    if let url = settings.value(SettingKey.backup) {
      found.append(ConfiguredDatabase(role: .backup, setting: SettingKey.backup.name, url: url))
    }
    all = found
    missing = [.source, .target].filter { role in !found.contains { $0.role == role } }
  }

  /// The settings that can fill a role, for advice.
  package static func settings(for role: DatabaseRole) -> String {
    switch role {
    case .source: "SOURCE_DATABASE_URL or MONGODB_URL"
    case .target: "DATABASE_URL"
    case .backup: "BACKUP_DATABASE_URL"
    }
  }
}
