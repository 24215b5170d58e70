import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// Migrations that are paused, stopped, configured and gone on with from another terminal.
@Suite(.serialized) struct SteerEndToEndTests {
  /// A target with its tables, and a gate in the middle of the customers.
  private func prepared() throws -> (Migrate, TemporaryDatabase, Gate) {
    let target = try TemporaryDatabase("steered")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    return (migrate, target, try Gate("customers", target.url))
  }

  @Test func aPausedMigrationIsGoneOnWith() throws {
    let expected = try Undisturbed.expected.get()
    let (migrate, target, gate) = try prepared()
    let running = try BackgroundRun(migrate, "run")
    try running.waitForChunks(2, in: target)
    let (code, paused) = try migrate.json("pause", ending: running, past: gate)
    #expect(code == 0)
    #expect(running.end() == 7)
    #expect(running.errors.contains("the current chunks are finished first"))
    #expect(paused["state"] == "paused")
    #expect(paused["next"] == "migrate resume")
    let rows = try number(target, "select count(*) from customers")
    #expect(rows > 0 && paused["committedRows"] == .int(rows))
    // Pausing what is paused is no failure.
    let again = try migrate("pause")
    #expect(again.exitCode == 0)
    #expect(again.output.contains("nothing is running"))
    #expect(try migrate("resume --throttle 0").exitCode == 5)
    try gate.remove()
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
    #expect(try migrate.json("resume").document["sessionStatus"] == "completed")
  }

  /// A program that is stopped by the system can read no request; the server can end its sessions.
  @Test func aHangingMigrationIsCutOff() throws {
    let (migrate, target, gate) = try prepared()
    let running = try BackgroundRun(migrate, "run customers")
    try running.waitForChunks(2, in: target)
    kill(running.pid, SIGSTOP)
    let (code, document) = try migrate.json("stop --now")
    #expect(code == 0 && document["state"] == "lost")
    #expect(try psql(target.url, "select ending from migrate.run") == "lost")
    try gate.open()
    // The next one continues; the one that wakes up finds that it has been superseded.
    #expect(try migrate("resume --throttle 0").exitCode == 5)
    let rows = try number(target, "select count(*) from customers")
    kill(running.pid, SIGCONT)
    #expect([1, 8].contains(running.end()))
    #expect(try number(target, "select count(*) from customers") == rows)
    #expect(try migrate("status --check").exitCode == 0)
  }

  @Test func resumeMovesTheTablesOfTheRunThatPaused() throws {
    let (migrate, target, gate) = try prepared()
    try gate.close(32)
    let running = try BackgroundRun(migrate, "run customers suppliers --limit 3000")
    try running.waitForChunks(2, in: target)
    #expect(try migrate.json("pause", ending: running, past: gate).exitCode == 0)
    #expect(running.end() == 7)
    #expect([0, 5].contains(try migrate("resume").exitCode))
    let sum = "select sum(rows_read) from migrate.chunk c join migrate.table_state t"
    #expect(try number(target, "\(sum) on t.id = table_id where name = 'customers'") == 3000)
    #expect(try number(target, "select count(*) from suppliers") > 0)
    #expect(try number(target, "select count(*) from products") == 0)
  }

  @Test func aWishToPauseIsTakenBack() throws {
    let (migrate, target, gate) = try prepared()
    #expect(try migrate("pause").exitCode == 1)
    let running = try BackgroundRun(migrate, "run customers")
    try running.waitForChunks(1, in: target)
    #expect(try migrate("resume").exitCode == 8)
    // The run's own thread takes requests within half a second: this one comes from the ledger itself.
    try psql(
      target.url,
      """
      begin; select 1 from migrate.run where ended is null for update;
      insert into migrate.control (run, kind, requested_by)
      select id, 'pause', 'test' from migrate.run where ended is null;
      commit
      """)
    let resuming = try BackgroundRun(migrate, "resume --throttle 0 --json")
    try eventually("a request that is taken back or heard") {
      !isAtWork(resuming.pid) || running.errors.contains("the current chunks are finished first")
    }
    try gate.open()
    let code = resuming.end()
    let document = try JSONValue.parse(resuming.output)
    if document["withdrawn"] == true {
      #expect(code == 0)
      #expect(running.end() == 5)
    } else {
      // It was seen before it could be taken back; then it has paused, and continues here.
      #expect(code == 5)
      #expect(running.end() == 7)
    }
  }

  @Test func stopNowCancelsWhatIsInHand() throws {
    let expected = try Undisturbed.expected.get()
    var (migrate, target, gate) = try prepared()
    migrate.environment["DATABASE_LOCK_TIMEOUT"] = "120s"
    let running = try BackgroundRun(migrate, "run --parallel 2")
    try running.waitForChunks(2, in: target)
    // Whoever reads the whole table keeps the lanes from writing to it; its turn is after their current chunks.
    let holder = try spawn(
      [
        psqlProgram, "-X", "-d", target.url, "-c",
        "begin; lock table customers in exclusive mode; select pg_sleep(60)",
      ], ProcessInfo.processInfo.environment, output: "/dev/null", errors: "/dev/null")
    defer {
      kill(holder, SIGKILL)
      _ = waitForEnd(of: holder, until: .now + .seconds(120))
    }
    try waitForLockRequest("customers", target)
    try gate.open()
    try eventually("lanes that wait") {
      try migrate("status --lanes").output.contains("Lock: relation")
    }
    let begun = ContinuousClock.now
    let (code, document) = try migrate.json("stop --now")
    #expect(code == 0)
    #expect(document["state"] == "paused")
    #expect(ContinuousClock.now - begun < .seconds(15))
    #expect(running.end() == 7)
    // Its server process would sleep on without its client.
    try psql(
      target.url,
      "select pg_terminate_backend(pid) from pg_locks where relation = 'customers'::regclass "
        + "and mode = 'ExclusiveLock' "
        // Copies of a database have the same numbers in them.
        + "and database = (select oid from pg_database where datname = current_database())")
    #expect(try migrate("resume --throttle 0").exitCode == 5)
    try gate.remove()
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
  }

  @Test func settingsAreChangedUnderWay() throws {
    let (migrate, target, gate) = try prepared()
    let running = try BackgroundRun(migrate, "run --parallel 1")
    try running.waitForChunks(2, in: target)
    let (code, document) = try migrate.json(
      "configure --parallel 3 --throttle 80% --batch-sizes suppliers:77 --timeout +100%")
    #expect(code == 0)
    #expect(document["taken"] == true)
    #expect(document["changes"]?["timeout"] == .int(600_000))
    try gate.waitForHeld(3)
    try gate.open()
    try eventually("a third lane") {
      try number(target, "select count(*) from migrate.chunk where lane = 2") > 0
    }
    #expect(try migrate("configure --throttle 0").exitCode == 0)
    try eventually("the suppliers' chunks") {
      try number(
        target,
        "select count(*) from migrate.chunk c join migrate.table_state t on t.id = table_id "
          + "where name = 'suppliers'") > 0
    }
    #expect(try migrate("configure --max-rejects 0").exitCode == 0)
    // A limit that is passed already ends the run at once, or the table is done before.
    #expect([6, 5].contains(running.end()))
    let largest = "select max(row_estimate) from migrate.chunk c join migrate.table_state t"
    #expect(try number(target, "\(largest) on t.id = table_id where name = 'suppliers'") <= 77)
    #expect(try number(target, "\(largest) on t.id = table_id where name = 'customers'") == 500)
  }

  @Test func whatIsConfiguredStaysWithTheMigration() throws {
    let (migrate, target, gate) = try prepared()
    let running = try BackgroundRun(migrate, "run customers suppliers")
    try running.waitForChunks(1, in: target)
    #expect(try migrate.json("stop", ending: running, past: gate).exitCode == 0)
    #expect(running.end() == 7)
    let (code, document) = try migrate.json("configure --max-rejects 0 --throttle 0")
    #expect(code == 0)
    #expect(document["taken"] == false)
    #expect(try migrate.json("configure").document["configured"]?["maxRejects"] == .int(0))
    #expect(try migrate("resume").exitCode == 6)
    #expect(try migrate("configure --max-rejects many").exitCode == 2)
    #expect(try migrate("configure --batch-sizes customer:5").exitCode == 2)
    // What a command line says itself comes before.
    #expect(try migrate("resume --max-rejects 100000").exitCode == 5)
  }

  @Test func restartGoesOnWithOtherSettings() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("restarted"))
    var migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    migrate.environment["MIGRATION_BATCH_SIZE"] = "100"
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 3000 --dirty 2 --seed 5").exitCode == 0)
    let gate = try Gate("customers", target.url)
    let running = try BackgroundRun(migrate, "run customers --parallel 2")
    try eventually("a row without a name in quarantine") {
      try number(
        target,
        "select count(*) from migrate.quarantine where column_name = 'company_name'") > 0
    }
    try psql(
      source.url, "update legacy_customers set company_name = 'M' where company_name is null")
    let (code, document) = try migrate.json(
      "restart --low-memory --auto-retry --throttle 0", ending: running, past: gate)
    #expect(running.end() == 7)
    #expect(code == 5)
    guard case .int(let retried)? = document["retried"] else {
      Issue.record("nothing was retried")
      return
    }
    #expect(retried > 0)
    #expect(
      try number(target, "select count(*) from migrate.quarantine where status = 'retried'")
        == retried)
    #expect(try number(target, "select settings->'lanes' from migrate.session") == 1)
    let before = try number(
      target, "select count(*) from migrate.chunk where run = 2 and lane > 0")
    #expect(before == 0)
    #expect(try migrate("restart --low-memory --optimized").exitCode == 2)
  }
}
