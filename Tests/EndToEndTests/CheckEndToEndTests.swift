import Foundation
import MigrationCore
import TestSupport
import Testing

/// `check` on databases and folders that are ready, and on ones that are not.
@Suite struct CheckEndToEndTests {
  /// The verdicts by subject and name.
  func verdicts(_ migrate: Migrate) throws -> (exitCode: Int32, found: [String: String]) {
    let (exitCode, document) = try migrate.json("check")
    guard case .array(let checks)? = document["checks"] else {
      Issue.record("no checks in \(document.pretty)")
      return (exitCode, [:])
    }
    var found: [String: String] = [:]
    for check in checks {
      guard case .text(let subject)? = check["subject"], case .text(let name)? = check["name"],
        case .text(let verdict)? = check["verdict"]
      else { continue }
      found["\(subject)/\(name)"] = verdict
      if verdict != "pass" { #expect(check["toDo"] != .null, "\(name) says what to do") }
    }
    let failures = found.values.count { $0 == "failure" }
    #expect(exitCode == (failures == 0 ? 0 : 3))
    return (exitCode, found)
  }

  func readyMigration() throws -> (Migrate, source: TemporaryDatabase, target: TemporaryDatabase) {
    let source = try TemporaryDatabase("source")
    let target = try TemporaryDatabase("target")
    try psql(source.url, "create table legacy (id int primary key)")
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    return (migrate, source, target)
  }

  @Test func everythingReady() throws {
    let (migrate, source, target) = try readyMigration()
    let (exitCode, found) = try verdicts(migrate)
    #expect(exitCode == 0)
    #expect(found.values.allSatisfy { $0 != "failure" })
    #expect(found["source/connection"] == "pass")
    #expect(found["target/clock"] == "pass")
    #expect(found["tools/pg_dump"] == "pass")
    #expect(found["disk/space for backups and temporary files"] == "pass")
    withExtendedLifetime((source, target)) {}
  }

  @Test func aUserWithoutPermissionsIsToldWhichGrantIsMissing() throws {
    let (prepared, source, target) = try readyMigration()
    let user = "limited_\(UUID().uuidString.prefix(8).lowercased())"
    try psql(target.url, "create table \"Mixed Case\" (id int)")
    try psql(target.url, "create role \(user) login password 'seldom-seen'")
    var migrate = prepared
    for (name, database) in [("SOURCE_DATABASE_URL", source), ("DATABASE_URL", target)] {
      var components = try #require(URLComponents(string: database.url))
      (components.user, components.password) = (user, "seldom-seen")
      migrate.environment[name] = components.string
    }
    let (exitCode, found) = try verdicts(migrate)
    #expect(exitCode == 3)
    #expect(found["source/permission to read"] == "failure")
    #expect(found["target/permission to write"] == "failure")
    #expect(found["target/permission for the ledger"] == "failure")
    #expect(found["target/permission to create tables"] == "warning")
    #expect(found["disk/space at the target"] == "warning")
    let text = try migrate("check").output
    #expect(text.contains("GRANT SELECT ON legacy TO \"\(user)\""))
    #expect(text.contains("\"Mixed Case\""))
    try psql(target.url, "drop role \(user)")
  }

  @Test func encodings() throws {
    let (prepared, source, target) = try readyMigration()
    var migrate = prepared
    let server = try TestServers.postgresURL()
    let names = ["enc_ascii", "enc_latin"].map {
      "\($0)_\(UUID().uuidString.prefix(6).lowercased())"
    }
    try psql(
      server, "create database \(names[0]) template template0 encoding 'SQL_ASCII' locale 'C'")
    try psql(server, "create database \(names[1]) template template0 encoding 'LATIN1' locale 'C'")
    migrate.environment["SOURCE_DATABASE_URL"] = url(server, database: names[0])
    migrate.environment["DATABASE_URL"] = url(server, database: names[1])
    let found = try verdicts(migrate).found
    #expect(found["source/encoding"] == "warning")
    #expect(found["target/encoding"] == "failure")
    #expect(found["source/contents"] == "failure")
    for name in names { try psql(server, "drop database \(name)") }
    withExtendedLifetime((source, target)) {}
  }

  @Test func foldersToolsAndSettingsFiles() throws {
    let (prepared, source, target) = try readyMigration()
    var migrate = prepared
    migrate.environment["PATH"] = "/nonexistent"
    migrate.environment["MIGRATION_LOG_DIR"] = "/proc/no-folder-here"
    let settings = try migrate.folder.file(".env", "MIGRATION_MAX_RETRIES=5\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: settings)
    let (exitCode, found) = try verdicts(migrate)
    #expect(exitCode == 3)
    #expect(found["tools/pg_dump"] == "failure")
    #expect(found["files/folder for logs"] == "failure")
    #expect(found["files/folder for reports"] == "pass")
    #expect(found.contains { $0.key.hasPrefix("files/permissions of") && $0.value == "warning" })
    withExtendedLifetime((source, target)) {}
  }

  @Test func nothingSet() throws {
    let (exitCode, found) = try verdicts(try Migrate())
    #expect(exitCode == 3)
    #expect(found["settings/source database"] == "failure")
    #expect(found["settings/target database"] == "failure")
    #expect(found["settings/backup database"] == "warning")
  }
}
