import Foundation
import MigrationCore
import TestSupport
import Testing

/// Kills the process at random moments of a migration, lets the next one go on, and compares the
/// whole target with that of a migration that nobody disturbed.
@Suite(.serialized) struct KillEndToEndTests {
  static let tables = [
    "customers", "suppliers", "products", "inventory", "price_lists", "price_list_items",
    "upload_history",
  ]

  /// A source with sound and faulty rows, the same for every migration here.
  static let source: Result<TemporaryDatabase, any Error> = Result {
    let database = try TemporaryDatabase("killsource")
    let migrate = try prepared(source: database.url, target: database.url)
    let finished = try migrate("sample --rows 12000 --dirty 2 --seed 11")
    guard finished.exitCode == 0 else { throw SubprocessFailure(description: finished.errors) }
    return database
  }

  static func prepared(source: String, target: String) throws -> Migrate {
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source
    migrate.environment["DATABASE_URL"] = target
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    migrate.environment["MIGRATION_BATCH_SIZE"] = "500"
    return migrate
  }

  /// Every column of every row, but for numbers that the target makes and the time of the run.
  static func contents(of target: String, _ migrate: Migrate) throws -> [String: String] {
    let (_, status) = try migrate.json("status")
    guard case .text(let begun)? = status["begun"] else { return [:] }
    var runTime = begun.hasSuffix("Z") ? String(begun.dropLast()) : begun
    while runTime.hasSuffix("0") { runTime.removeLast() }
    var found: [String: String] = [:]
    for table in tables {
      let row = table == "inventory" ? "to_jsonb(t) - 'id'" : "to_jsonb(t)"
      found[table] = try psql(
        target,
        """
        select count(*) || ' ' || coalesce(md5(string_agg(x, chr(10) order by x)), '')
        from (select replace((\(row))::text, '\(runTime)', 'RUN') as x from \(table) t) rows
        """)
    }
    found["constraints and indexes"] = try psql(
      target,
      """
      select md5(string_agg(d, chr(10) order by d)) from (
        select conrelid::regclass || pg_get_constraintdef(oid) || convalidated as d
        from pg_constraint where connamespace = 'public'::regnamespace
        union all select indexdef from pg_indexes where schemaname = 'public') definitions
      """)
    found["quarantine"] = try psql(
      target,
      """
      select count(*) || ' ' || md5(string_agg(x, chr(10) order by x)) from (
        select t.name || q.key::text || q.code as x from migrate.quarantine q
        join migrate.table_state t on t.id = q.table_id where q.status = 'open') rows
      """)
    return found
  }

  /// What an undisturbed migration of the source ends in.
  static let expected: Result<[String: String], any Error> = Result {
    let target = try TemporaryDatabase("undisturbed")
    let migrate = try prepared(source: try source.get().url, target: target.url)
    guard try migrate("db migrate").exitCode == 0, try migrate("run --all").exitCode == 5 else {
      throw SubprocessFailure(description: "the undisturbed migration failed")
    }
    return try contents(of: target.url, migrate)
  }

  @Test(arguments: [1, 3]) func killedAtRandomMomentsAndResumed(lanes: Int) throws {
    let expected = try Self.expected.get()
    let target = try TemporaryDatabase("killed")
    let migrate = try Self.prepared(source: try Self.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    var kills = 0
    for _ in 0..<20 {
      let pid = try spawn(
        ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all"]
          + ["--parallel", "\(lanes)", "--quiet"], migrate.environment, output: "/dev/null",
        errors: "/dev/null")
      usleep(UInt32.random(in: 20_000...500_000))
      kill(pid, SIGKILL)
      if waitForEnd(of: pid, until: .now + .seconds(60)) == 128 + SIGKILL { kills += 1 }
    }
    let last = try migrate("run --all --parallel \(lanes)", timeout: .seconds(300))
    #expect(last.exitCode == 5, "\(last.errors)")
    #expect(kills > 5)
    #expect(try Self.contents(of: target.url, migrate) == expected)
    #expect(
      !FileManager.default.fileExists(atPath: migrate.folder.path + "/migration-checkpoint.json"))
  }

  @Test func sessionsOfTheTargetCutInALoop() throws {
    let expected = try Self.expected.get()
    let target = try TemporaryDatabase("cut")
    let migrate = try Self.prepared(source: try Self.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let server = try TestServers.postgresURL()
    let deadline = ContinuousClock.now + .seconds(240)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: migrate.folder.path + "/errors")
    for _ in 0..<4 {
      usleep(500_000)
      try psql(
        server,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(target.name)'")
    }
    _ = waitForEnd(of: pid, until: deadline)
    // Whether the retries were enough or not, the next run ends it.
    let last = try migrate("run --all", timeout: .seconds(200))
    #expect(last.exitCode == 5, "\(last.errors)")
    #expect(try Self.contents(of: target.url, migrate) == expected)
  }

  @Test func anInterruptedRunKeepsItsCheckpointAndGoesOn() throws {
    let expected = try Self.expected.get()
    let target = try TemporaryDatabase("paused")
    let migrate = try Self.prepared(source: try Self.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    usleep(700_000)
    kill(pid, SIGINT)
    let exitCode = waitForEnd(of: pid, until: .now + .seconds(60))
    let checkpoint = migrate.folder.path + "/migration-checkpoint.json"
    if exitCode == 7 { #expect(FileManager.default.fileExists(atPath: checkpoint)) }
    #expect([5, 7].contains(exitCode))
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try Self.contents(of: target.url, migrate) == expected)
  }

  @Test func aSecondRunOnTheSameTargetIsRefused() throws {
    let target = try TemporaryDatabase("held")
    let migrate = try Self.prepared(source: try Self.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    // Who is at work is known a moment after the lock is taken.
    let deadline = ContinuousClock.now + .seconds(20)
    while try migrate.json("status").document["running"]?["process"] != .int(Int(pid)) {
      if ContinuousClock.now > deadline { break }
    }
    let second = try migrate("run --all")
    kill(pid, SIGKILL)
    _ = waitForEnd(of: pid, until: .now + .seconds(10))
    #expect(second.exitCode == 8, "\(second.errors)")
    #expect(second.errors.contains("\(pid)"))
    #expect(try migrate("run --all").exitCode == 5)
  }
}
