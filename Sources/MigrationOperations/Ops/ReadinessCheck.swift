import MigrationBasics
import MigrationEngine
import MigrationPlan

/// Checks everything that a migration needs before it starts.
package struct ReadinessCheck: Sendable {
  package let settings: Settings
  package let databases: ConfiguredDatabases
  package let plan: Plan?
  package let environment: [String: String]
  package let folder: String

  package init(
    settings: Settings, databases: ConfiguredDatabases, plan: Plan? = nil,
    environment: [String: String], folder: String
  ) {
    (self.settings, self.databases, self.plan) = (settings, databases, plan)
    (self.environment, self.folder) = (environment, folder)
  }

  /// Runs all checks; what can't be checked is a warning or a failure, never a pass.
  package func run() -> [Check] {
    let options = ProbeOptions(
      timeout: settings.value(.connectionTimeout), repetitions: 5,
      requiresEncryption: settings.value(.isEncrypting))
    let results = databases.all.map { DatabaseProbe.look(at: $0, options) }
    let sourceSize = sourceByteCount(results)
    var checks =
      settingChecks + [ApartCheck(settings, plan: plan, results).run()].compactMap { $0 }
    if let plan, results.contains(where: { $0.database.role == .target && $0.facts != nil }) {
      checks += [RulesCheck(settings: settings, plan: plan).run()].compactMap { $0 }
    }
    for result in results {
      checks += DatabaseChecks(result: result, sourceByteCount: sourceSize).run()
    }
    checks += ToolChecks(environment: environment, serverMajorVersion: newestServer(results)).run()
    checks += fileChecks()
    checks.append(
      DiskCheck(
        name: "space for backups and temporary files", subject: .disk,
        path: path(settings.value(.backupFolder)), sourceByteCount: sourceSize
      ).run())
    return checks
  }

  private var settingChecks: [Check] {
    let warnings = settings.warnings.map {
      Check.warning(.settings, "settings", $0, remedy: "see: migrate config")
    }
    let missing = databases.missing.map { role in
      Check.failure(
        .settings, "\(role.rawValue) database", "no \(role.rawValue) database is set",
        remedy: "set \(ConfiguredDatabases.settings(for: role)), for instance in .env")
    }
    let hasBackup = databases.all.contains { $0.role == .backup }
    let backup =
      hasBackup
      ? []
      : [
        Check.warning(
          .settings, "backup database", "no backup database is set",
          remedy: "set BACKUP_DATABASE_URL to restore backups into it as a test")
      ]
    let found = warnings + missing + backup
    return found.isEmpty ? [.pass(.settings, "settings", "all required settings are set")] : found
  }

  private func fileChecks() -> [Check] {
    let folders: [(String, SettingKey<String>)] = [
      ("folder for reports", .reportFolder), ("folder for logs", .logFolder),
      ("folder for backups", .backupFolder),
    ]
    let name = settings.environmentName.map { ".env.\($0)" } ?? ".env"
    return folders.map { title, key in
      FolderCheck(name: title, path: path(settings.value(key)), setting: key.name).run()
    } + [SettingsFileCheck(path: path(name)).run()].compactMap { $0 }
  }

  /// The sources together; nil if one of them could not be measured.
  private func sourceByteCount(_ results: [ProbeResult]) -> Int? {
    let sources = results.filter { $0.database.role == .source }
    let sizes = sources.compactMap { $0.facts?.byteCount }
    return sources.isEmpty || sizes.count < sources.count ? nil : sizes.reduce(0, +)
  }

  private func newestServer(_ results: [ProbeResult]) -> Int? {
    results.compactMap { $0.facts?.postgres?.majorVersion }.max()
  }

  private func path(_ path: String) -> String { PathText.absolute(path, in: folder) }
}
