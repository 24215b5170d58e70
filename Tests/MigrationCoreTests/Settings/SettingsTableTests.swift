import Foundation
import MigrationCore
import TestSupport
import Testing

@Suite("The table of settings")
struct SettingsTableTests {
  @Test("names every setting of the manual and the runbooks once")
  func complete() {
    let names = Settings.all.flatMap(\.names)
    #expect(Set(names).count == names.count)
    let wanted = [
      "SOURCE_DATABASE_URL", "DATABASE_URL", "POSTGRESQL_URL", "BACKUP_DATABASE_URL",
      "MONGODB_URL", "NODE_ENV", "MIGRATION_BATCH_SIZE", "MIGRATION_TIMEOUT",
      "MIGRATION_MAX_RETRIES", "MIGRATION_PARALLEL_ENABLED", "MIGRATION_PARALLEL_MAX_CONCURRENT",
      "ENABLE_REAL_TIME_MONITORING", "MIGRATION_LOG_LEVEL", "MIGRATION_PROGRESS_INTERVAL",
      "MIGRATION_HEALTH_CHECK_INTERVAL", "DATABASE_POOL_SIZE", "DATABASE_IDLE_TIMEOUT",
      "DATABASE_CONNECTION_TIMEOUT", "MIGRATION_ENCRYPTION_ENABLED", "MIGRATION_AUDIT_LOGGING",
    ]
    #expect(Set(wanted).subtracting(names).isEmpty)
    let flags = Settings.all.compactMap(\.flag)
    #expect(Set(flags).count == flags.count)
  }

  @Test("explains every setting with an example that is allowed", arguments: Settings.all)
  func examples(setting: Setting) throws {
    #expect(setting.summary.hasSuffix("."))
    #expect(!setting.example.isEmpty)
    if setting.isSecret { return }
    let settings = try Settings.resolve(
      environment: [setting.name: setting.example], folder: "/nonexistent")
    #expect(settings.entry(setting.name)?.value != nil)
  }

  @Test("has defaults that are values of their kind")
  func defaults() throws {
    let settings = try Settings.resolve(environment: [:], folder: "/nonexistent")
    for setting in Settings.all where setting.defaultText != nil {
      let entry = try #require(settings.entry(setting.name))
      #expect(entry.value != nil, "\(setting.name)")
      #expect(entry.origin == .standard)
    }
    #expect(settings.value(.chunkTimeout) == .seconds(300))
    #expect(settings.value(.connectionTimeout) == .seconds(10))
    #expect(settings.value(.batchSize) == .automatic)
    #expect(settings.value(.logLevel) == .info)
    #expect(settings.value(.ledgerSchema) == "migrate")
    #expect(settings.value(.isParallel))
    #expect(settings.value(.target) == nil)
  }

  @Test("takes the manual's template as it is")
  func manual() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file(
      ".env",
      """
      # Database Connections
      SOURCE_DATABASE_URL=postgres://user:pass@host:5432/db
      DATABASE_URL=postgres://user:pass@ep-xxx.neon.tech/nxt_production?sslmode=require
      MIGRATION_BATCH_SIZE=1000
      MIGRATION_TIMEOUT=300000
      MIGRATION_PARALLEL_MAX_CONCURRENT=3
      MIGRATION_LOG_LEVEL=INFO
      DATABASE_CONNECTION_TIMEOUT=2000
      MIGRATION_ENCRYPTION_ENABLED=true
      """)
    let settings = try Settings.resolve(environment: [:], folder: folder.path)
    #expect(settings.value(.batchSize) == .exactly(1000))
    #expect(settings.value(.lanes) == .exactly(3))
    #expect(settings.value(.logLevel) == .info)
    #expect(settings.value(.connectionTimeout) == .seconds(2))
    #expect(settings.value(.isEncrypting))
    #expect(settings.value(.target)?.database == "nxt_production")
  }

  @Test(".env.example is what the table says")
  func envExample() throws {
    let path = packageRoot + "/.env.example"
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try EnvExample.render().write(toFile: path, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == EnvExample.render(), "run the tests with UPDATE_SNAPSHOTS=1 to rewrite it")
    // As delivered it sets nothing; with its "#" taken away, each line is a setting.
    #expect(try DotEnvFile.parse(text).entries.isEmpty)
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("#") && !$0.hasPrefix("# ") }
    let examples = try DotEnvFile.parse(
      lines.map { $0.dropFirst() + "\n" }.joined().replacingOccurrences(of: "\n\n", with: "\n"))
    #expect(examples.entries.map(\.name) == Settings.all.map(\.name))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}
