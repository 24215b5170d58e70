import MigrationBasics
import MigrationEngine
import MigrationPlan
import Postgres

/// What is to be checked before a migration, and by what means.
package struct ReadinessRequest: Sendable {
  package let plan: Plan
  /// The folder of the plan's schema files.
  package let schemaFolder: String
  package let settings: Settings
  package let environment: [String: String]
  /// The folder that relative paths begin in.
  package let folder: String
  /// The parts to check.
  package var parts = ReadinessPart.Subject.allCases
  /// The most rows of each source that are checked; nil checks all.
  package var sample: Int?
  package var tell: @Sendable (String) -> Void = { _ in }
  package let databases: RunRequest.Databases

  /// - Parameter rate: The most rows a second that are read of the source; nil reads as fast as it
  ///   goes.
  package init(
    plan: Plan, schemaFolder: String, settings: Settings, environment: [String: String],
    folder: String, rate: Int? = nil
  ) throws {
    (self.plan, self.schemaFolder, self.settings) = (plan, schemaFolder, settings)
    (self.environment, self.folder) = (environment, folder)
    var databases = try RunRequest.Databases(settings, plan: plan)
    databases.reading = settings.readingLimits(rate: rate)
    self.databases = databases
  }

  package var reading: ReadingLimits { databases.reading }

  package var backupFolder: String {
    let path = settings.value(.backupFolder)
    return PathText.absolute(path, in: folder)
  }

  package func connect() throws -> Connection { try Databases(settings).target() }

  /// The database that backups are restored into; nil if none is set.
  func backupPlace() throws -> PostgresPlace? {
    guard settings.value(SettingKey.backup) != nil else { return nil }
    return try Databases(settings).postgres(.backup)
  }
}
