import MigrationCore
import TestSupport
import Testing

@Suite("Where settings come from")
struct SettingsResolverTests {
  private func resolve(
    _ name: String? = nil, files: [String: String] = [:], environment: [String: String] = [:],
    flags: [String: String] = [:], plan: [String: String] = [:]
  ) throws -> Settings {
    let folder = try TemporaryFolder()
    for (file, text) in files { _ = try folder.file(file, text) }
    return try Settings.resolve(
      environmentName: name, flags: flags, environment: environment, folder: folder.path,
      plan: plan)
  }

  @Test("flag beats environment beats file beats plan beats default")
  func order() throws {
    var flags = ["batch-size": "1"]
    var environment = ["MIGRATION_BATCH_SIZE": "2"]
    var files = [".env": "\n\nMIGRATION_BATCH_SIZE=3"]
    var plan = ["MIGRATION_BATCH_SIZE": "4"]
    func next() throws -> (Count, String, [String]) {
      let settings = try resolve(files: files, environment: environment, flags: flags, plan: plan)
      let entry = try #require(settings.entry("MIGRATION_BATCH_SIZE"))
      return (
        settings.value(.batchSize), entry.originText, entry.hides.map { $0.origin.description }
      )
    }
    #expect(
      try next() == (
        .exactly(1), "flag --batch-size",
        ["environment variable MIGRATION_BATCH_SIZE", "file .env line 3", "plan"]
      ))
    flags = [:]
    #expect(
      try next() == (
        .exactly(2), "environment variable MIGRATION_BATCH_SIZE", ["file .env line 3", "plan"]
      ))
    environment = ["MIGRATION_BATCH_SIZE": "  "]
    #expect(try next() == (.exactly(3), "file .env line 3", ["plan"]))
    files = [".env": "MIGRATION_BATCH_SIZE="]
    #expect(try next() == (.exactly(4), "plan", []))
    plan = [:]
    #expect(try next() == (.automatic, "default", []))
  }

  @Test("a named environment takes its own names first, then its file, never a developer's")
  func named() throws {
    var files = [
      ".env": "DATABASE_URL=postgres://dev/dev\nSTAGING_DATABASE_URL=postgres://shared/db",
      ".env.staging": "DATABASE_URL=postgres://plain/db\nSTAGING_DATABASE_URL=postgres://own/db",
    ]
    var environment = ["STAGING_POSTGRESQL_URL": "postgres://env/db"]
    func next() throws -> (String?, String?) {
      let settings = try resolve("staging", files: files, environment: environment)
      return (
        settings.value(.target)?.hosts.first?.name, settings.entry("DATABASE_URL")?.originText
      )
    }
    #expect(try next() == ("env", "environment variable STAGING_POSTGRESQL_URL"))
    environment = [:]
    #expect(try next() == ("own", "file .env.staging line 2"))
    files[".env.staging"] = "DATABASE_URL=postgres://plain/db"
    #expect(try next() == ("plain", "file .env.staging line 1"))
    files[".env.staging"] = ""
    #expect(try next() == ("shared", "file .env line 2"))
    files[".env"] = "DATABASE_URL=postgres://dev/dev"
    #expect(try next() == (nil, "default"))
  }

  @Test("the name of the environment can come from MIGRATE_ENV, and is spelt as a prefix")
  func environmentName() throws {
    let settings = try resolve(
      environment: [
        "MIGRATE_ENV": "eu-west.2", "EU_WEST_2_DATABASE_URL": "postgres://h/db",
        "DATABASE_URL": "postgres://other/db",
      ])
    #expect(settings.environmentName == "eu-west.2")
    #expect(settings.value(.target)?.hosts.first?.name == "h")
  }

  @Test("an environment of which nothing is known is an error that shows what there is")
  func unknownEnvironment() {
    let error = #expect(throws: SettingsError.self) {
      try resolve(
        "stagin", files: [".env.staging": "", ".env.example": "", ".env": "A=1"],
        environment: ["DATABASE_URL": "postgres://h/db", "STAGIN_OTHER": "1"])
    }
    let text = error?.description ?? ""
    #expect(error?.problems.map(\.code) == [.environmentName])
    #expect(text.contains("/.env.stagin and for variables such as STAGIN_DATABASE_URL"))
    #expect(text.contains("there are .env.staging\n"))
    #expect(text.contains("did you mean --env staging?"))
  }

  @Test(
    "an environment whose names would be other settings, or other paths, is refused",
    arguments: ["source", "Backup", "../x", "", " ", "a b", "1", "é"])
  func refusedNames(name: String) {
    let error = #expect(throws: SettingsError.self) {
      try resolve(name, environment: ["SOURCE_DATABASE_URL": "postgres://legacy/db"])
    }
    #expect(error?.problems.map(\.code) == [.environmentName])
  }

  @Test("two names for one setting must agree where they stand side by side")
  func conflict() throws {
    let error = #expect(throws: SettingsError.self) {
      try resolve(files: [
        ".env": "DATABASE_URL=postgres://u:secret1@a/db\nPOSTGRESQL_URL=postgres://u:secret2@b/db"
      ])
    }
    #expect(error?.problems.map(\.code) == [.conflict])
    let text = error?.description ?? ""
    #expect(text.contains("file .env line 1 and file .env line 2"))
    #expect(text.contains("(DATABASE_URL, POSTGRESQL_URL)"))
    #expect(!text.contains("secret"))
    let same = "postgres://a/db"
    #expect(
      try resolve(environment: ["DATABASE_URL": same, "POSTGRESQL_URL": same])
        .value(.target)?.hosts.first?.name == "a")
    // Of different places the one with precedence is used.
    let settings = try resolve(
      files: [".env": "DATABASE_URL=postgres://a/db"],
      environment: ["POSTGRESQL_URL": "postgres://b/db"])
    #expect(settings.value(.target)?.hosts.first?.name == "b")
  }

  @Test("tells all that is wrong at once, each with name, value, place and what is allowed")
  func allProblems() {
    let error = #expect(throws: SettingsError.self) {
      try resolve(
        files: [
          ".env": """
          MIGRATION_BATCH_SIZE=lots
          MIGRATION_PARALLEL_ENABLED=maybe
          DATABASE_URL=postgres://u:sec@ret@h/db
          """
        ],
        environment: [
          "MIGRATION_LOG_LEVEL": "debgu", "MIGRATION_TIMEOUT": "-1",
          "NODE_ENV": "production", "MIGRATION_LEDGER_SCHEMA": "My Schema; drop",
        ],
        flags: ["parallel": "9999", "taret": "x"], plan: ["MIGRATION_BATCHSIZE": "1"])
    }
    let texts = (error?.problems ?? []).map(\.message)
    let wanted = [
      "the plan sets MIGRATION_BATCHSIZE, which is not a setting, did you mean "
        + "MIGRATION_BATCH_SIZE?",
      "taret is not a setting, did you mean target?",
      "DATABASE_URL (file .env line 3): the password or user name holds an unescaped \"@\"",
      "MIGRATION_LEDGER_SCHEMA is \"My Schema; drop\" (environment variable "
        + "MIGRATION_LEDGER_SCHEMA): expected a name of small letters, digits and \"_\", at most "
        + "63, no digit first",
      "MIGRATION_BATCH_SIZE is \"lots\" (file .env line 1): expected auto, or a whole number "
        + "from 1 to 1000000",
      "MIGRATION_TIMEOUT is \"-1\" (environment variable MIGRATION_TIMEOUT): expected a time from "
        + "0 to 24h (milliseconds, or with a unit: 250ms, 300s, 5m, 1.5h)",
      "MIGRATION_PARALLEL_ENABLED is \"maybe\" (file .env line 2): expected true or false (also "
        + "1, 0, yes, no, on, off)",
      "MIGRATION_PARALLEL_MAX_CONCURRENT is \"9999\" (flag --parallel): expected auto, or a whole "
        + "number from 1 to 256",
      "MIGRATION_LOG_LEVEL is \"debgu\" (environment variable MIGRATION_LOG_LEVEL): expected one "
        + "of error, warn, info, debug, trace, did you mean debug?",
    ]
    #expect(texts == wanted)
    #expect(error?.description.contains("sec@ret") == false)
  }

  @Test("a file that cannot be read or understood is an error with its place")
  func brokenFiles() throws {
    let error = #expect(throws: SettingsError.self) {
      try resolve("x", files: [".env": "A=1\nB", ".env.x": "C='"])
    }
    #expect(
      error?.problems.map(\.message) == [
        ".env:2:2: expected \"=\" after the variable's name",
        ".env.x:1:3: expected a closing single quote for C, opened here",
      ])
    let folder = try TemporaryFolder()
    try mustRun("/bin/mkdir", [folder.path + "/.env"])
    let unreadable = #expect(throws: SettingsError.self) {
      try Settings.resolve(environment: [:], folder: folder.path)
    }
    #expect(
      unreadable?.problems.map(\.message) == [".env cannot be read: it is a folder, not a file"])
  }

  @Test("a setting that a command needs is asked for with all the ways to set it")
  func required() throws {
    let settings = try resolve("staging", files: [".env.staging": ""])
    let error = #expect(throws: SettingsError.self) { try settings.required(.target) }
    #expect(
      error?.description == """
        DATABASE_URL is not set. The PostgreSQL database that data is moved to.
          set it by the option --target, the environment variable STAGING_DATABASE_URL or \
        STAGING_POSTGRESQL_URL, or a line DATABASE_URL=postgres://loader@target-host:5432/\
        nxt_production?sslmode=require in .env.staging
        """)
    let set = try resolve(environment: ["MIGRATION_PLAN": "nxt"])
    #expect(try set.required(.plan) == "nxt")
  }

  @Test("a source that a setting does not take is refused")
  func wrongKind() {
    let error = #expect(throws: SettingsError.self) {
      try resolve(environment: ["DATABASE_URL": "mongodb://u:secret@h/db"])
    }
    #expect(
      error?.description
        == "DATABASE_URL (environment variable DATABASE_URL): expected the URL of a PostgreSQL "
        + "database (postgres://…)")
  }
}
