import Foundation
import MigrationCore
import TestSupport
import Testing

@Suite("Secrets in settings")
struct SettingsSecretsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
    let path = try folder.file(name, text)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private func resolve(
    _ name: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    plan: [String: String] = [:]
  ) throws -> Settings {
    try Settings.resolve(
      environmentName: name, flags: flags, environment: environment, folder: folder.path,
      plan: plan)
  }

  @Test("a password may stand on its own, in a file, or in another variable")
  func references() throws {
    let odd = "p@ss:w/rd #1 'é'"
    try write("password", odd + "\r\nsecond line")
    for text in [odd, "file:password", "file:\(folder.path)/password", "env:VAULT", "env:CHAIN"] {
      let settings = try resolve(environment: [
        "DATABASE_URL": "postgres://u@h/db", "DATABASE_PASSWORD": text, "VAULT": odd,
        "CHAIN": "file:password",
      ])
      let target = try #require(settings.value(.target))
      #expect(target.password == odd)
      #expect(target.redacted == "postgres://u:***@h/db")
      #expect(settings.redactor.scrub("failed with \(odd)!") == "failed with ***!")
      let json = JSONValue.array(settings.entries.map(\.json)).pretty
      #expect(!json.contains(odd))
      #expect(!json.contains("p@ss"))
      #expect(settings.warnings.isEmpty)
    }
  }

  @Test("a URL may be such a reference too, and its way is shown")
  func urlReference() throws {
    try write("url", "postgres://u:hunter2@h/db\n")
    let settings = try resolve(environment: ["DATABASE_URL": "env:A", "A": "file:url"])
    #expect(settings.value(.target)?.password == "hunter2")
    let entry = try #require(settings.entry("DATABASE_URL"))
    #expect(entry.originText == "environment variable DATABASE_URL → env:A → file:url")
    #expect(entry.displayText == "postgres://u:***@h/db")
  }

  @Test("what a file holds is taken as it stands")
  func literalFile() throws {
    try write("password", "env:HOME")
    let settings = try resolve(environment: [
      "DATABASE_URL": "postgres://u@h/db", "DATABASE_PASSWORD": "file:password",
    ])
    #expect(settings.value(.target)?.password == "env:HOME")
  }

  @Test(
    "a reference that leads nowhere is an error",
    arguments: [
      ("env:NOWHERE", "env:NOWHERE points to an environment variable that is not set"),
      ("file:nowhere", "file:nowhere cannot be read: No such file or directory"),
      ("file:empty", "the first line of file:empty is empty or not UTF-8 text"),
      ("file:/dev/zero", "file:/dev/zero cannot be read: it is a device, not a file"),
      ("env:A", "env:A → env:B → env:A → env:B → env:A goes round in a circle"),
    ])
  func brokenReferences(text: String, message: String) throws {
    try write("empty", "\nsecret")
    let error = #expect(throws: SettingsError.self) {
      try resolve(environment: ["DATABASE_PASSWORD": text, "A": "env:B", "B": "env:A"])
    }
    #expect(
      error?.problems.map(\.message) == [
        "DATABASE_PASSWORD (environment variable DATABASE_PASSWORD): \(message)"
      ])
  }

  @Test("a file of secrets that everybody can read is warned of")
  func permissions() throws {
    try write(".env", "DATABASE_URL=postgres://u:hunter2@h/db", mode: 0o644)
    try write(".env.staging", "NODE_ENV=staging\nDATABASE_URL=env:X", mode: 0o644)
    try write("password", "secret", mode: 0o644)
    let settings = try resolve(environment: ["DATABASE_PASSWORD": "file:password"])
    #expect(
      settings.warnings == [
        ".env holds passwords and can be read by every user: chmod 600 .env",
        "password holds a value of the settings and can be read by every user: chmod 600 password",
      ])
    try write(".env", "DATABASE_URL=postgres://u:hunter2@h/db", mode: 0o640)
    let staging = try resolve("staging", environment: ["X": "postgres://u:hunter2@h/db"])
    #expect(staging.warnings.isEmpty)
  }

  @Test("of two passwords, the one of the stronger place counts; side by side they must agree")
  func twoPasswords() throws {
    try write(".env", "DATABASE_URL=postgres://u:weak@h/db\nBACKUP_DATABASE_PASSWORD=weak")
    let settings = try resolve(environment: [
      "DATABASE_PASSWORD": "strong", "BACKUP_DATABASE_URL": "postgres://u:strong@h/b",
    ])
    #expect(settings.value(.target)?.password == "strong")
    #expect(settings.value(.backup)?.password == "strong")
    #expect(
      settings.entry("DATABASE_URL")?.originText
        == "file .env line 1 → password from DATABASE_PASSWORD (environment variable "
        + "DATABASE_PASSWORD)")
    #expect(settings.redactor.scrub("weak strong") == "*** ***")
    let error = #expect(throws: SettingsError.self) {
      try resolve(environment: [
        "DATABASE_PASSWORD": "one1", "DATABASE_URL": "postgres://u:two2@h/db",
      ])
    }
    #expect(error?.problems.map(\.code) == [.conflict])
    #expect(error?.description.contains("one1") == false)
  }

  @Test("unsafe places and mistyped names are warned of")
  func warnings() throws {
    try write(
      ".env.staging",
      "MIGRATION_BATCHSIZE=5\nSTAGING_MONGODB_URI=x\nDATABASE_SHARDING=1\nNEXTAUTH_URL=x\n"
        + "PRODUCTION_DATABASE_URL=x\nDATABASE_URL=postgres://right/db")
    let settings = try resolve(
      "staging",
      environment: [
        "MIGRATION_TIMEOUTS": "1", "STAGING_DATABSE_URL": "x", "MONGO_URL": "x",
        "DATABASE_URL": "postgres://wrong/db", "PATH": "x",
      ],
      flags: ["source": "postgres://u:flagpass@h/db"],
      plan: ["BACKUP_DATABASE_URL": "postgres://u:planpass@h/db"])
    #expect(
      settings.warnings == [
        ".env.staging line 1: MIGRATION_BATCHSIZE: did you mean MIGRATION_BATCH_SIZE?",
        ".env.staging line 2: STAGING_MONGODB_URI: did you mean MONGODB_URL?",
        ".env.staging line 3: DATABASE_SHARDING is not a setting; migrate config lists those there are",
        "environment variable MIGRATION_TIMEOUTS: did you mean MIGRATION_TIMEOUT?",
        "environment variable STAGING_DATABSE_URL: did you mean DATABASE_URL?",
        "SOURCE_DATABASE_URL (flag --source) holds a password that every user can see in the "
          + "process list",
        "DATABASE_URL (environment variable DATABASE_URL) hides the different value of file "
          + ".env.staging line 6: unset DATABASE_URL if that is meant",
        "BACKUP_DATABASE_URL (plan) holds a password; plans are kept in version control",
      ])
  }

  @Test(
    "no secret is in anything that is printed", arguments: ["hunter2x", "p%40ss!wörd", "a:b#c"])
  func nothingLeaks(password: String) throws {
    try write(".env", "DATABASE_URL='postgres://u:\(password)@h/db'\nMONGODB_PASSWORD=\(password)")
    let settings = try resolve(environment: ["MONGODB_URL": "mongodb://u@h/db"])
    var texts = [JSONValue.array(settings.entries.map(\.json)).compact]
    texts += settings.warnings
    texts += settings.entries.flatMap { [$0.displayText, $0.originText] }
    texts.append(String(reflecting: settings.value(.target)))
    dump(settings.value(.mongo), to: &texts[0])
    for text in texts { #expect(!text.contains(password)) }
  }
}
