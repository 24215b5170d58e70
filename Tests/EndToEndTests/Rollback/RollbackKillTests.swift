import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// Migrations and rollbacks that are killed: each next command reports the state, and the target
/// ends as it was before the migration.
@Suite(.serialized) struct RollbackKillTests {
  @Test func aMigrationThatWasKilledIsTakenOutWhole() throws {
    let before = try RollbackWorld.beforeState.get()
    for _ in 0..<2 {
      let target = try TemporaryDatabase("undokilled", copying: try RollbackWorld.before.get())
      let migrate = try Undisturbed.prepared(
        source: try RollbackWorld.source.get().url, target: target.url)
      try kill(migrate, "run --all --parallel 3 --quiet", after: 100_000...1_200_000)
      let rolledBack = try migrate("rollback --session latest --yes")
      // There is no session yet, or it has done nothing yet.
      if rolledBack.exitCode != 0 {
        #expect(rolledBack.exitCode == 1, "\(rolledBack.errors)")
        #expect(
          rolledBack.errors.contains("nothing to roll back")
            || rolledBack.errors.contains("this target has no migration"))
      }
      #expect(try targetState(target.url) == before)
    }
  }

  @Test func aRollbackThatWasKilledIsGoneOnWith() throws {
    let before = try RollbackWorld.beforeState.get()
    for _ in 0..<3 {
      let (target, migrate) = try RollbackWorld.copy()
      try kill(migrate, "rollback --session latest --yes", after: 20_000...500_000)
      let again = try migrate("rollback --session latest --yes")
      // It was done already, or is now.
      #expect(
        again.exitCode == 0 || again.errors.contains("nothing to roll back"), "\(again.errors)")
      #expect(try targetState(target.url) == before)
      #expect(try migrate("rollback verify").exitCode == 0)
    }
  }

  @Test func aHalfDoneRollbackIsNamedAndNothingElseBegins() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let folder = try TemporaryFolder()
    // Somebody who writes keeps the table from being locked; its turn comes late.
    let writer = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", target.url, "-c", "begin", "-c",
        "update suppliers set phone = phone where id = (select max(id::text) from suppliers)::uuid",
        "-c", "select pg_sleep(60)",
      ], migrate.environment, output: "/dev/null", errors: folder.path + "/errors")
    let rows = "select count(*) from migrate.rollback_table where status = 'emptied'"
    let rollback = try BackgroundRun(migrate, "rollback --session latest --yes")
    try eventually("a half done rollback") { try number(target, rows) > 2 }
    // While it is at work, no one else may.
    #expect(try migrate("rollback --last-step --yes").exitCode == 8)
    #expect(try migrate("run").exitCode == 8)
    Glibc.kill(rollback.pid, SIGKILL)
    _ = rollback.end()
    Glibc.kill(writer, SIGKILL)
    _ = waitForEnd(of: writer, until: .now + .seconds(120))
    try psql(
      target.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        + "and query like '%pg_sleep%' and pid <> pg_backend_pid()")

    let status = try migrate("status")
    #expect(status.output.contains("migrate rollback --resume"))
    #expect(try migrate.json("status").document["rollback"]?["status"] == "running")
    for command in ["run", "retry", "rollback --last-step --yes"] {
      let refused = try migrate(command)
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("is not finished"), "\(command): \(refused.errors)")
    }
    #expect(try migrate("rollback verify").exitCode == 4)
    #expect(try migrate("rollback --resume --yes").exitCode == 0)
    #expect(try targetState(target.url) == RollbackWorld.beforeState.get())
    #expect(try migrate("rollback verify").exitCode == 0)
    #expect(try migrate("rollback --resume --yes").exitCode == 1)
    #expect(try migrate("run --all").exitCode == 5)
  }

  /// A row of others that comes to refer to a supplier while the suppliers' turn is waited for.
  @Test func whatGetsInTheWayInTheMiddleStopsItThere() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let other = "11111111-2222-4333-8444-555555555555"
    let writer = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", target.url, "-c",
        """
        begin;
        update suppliers set phone = phone where supplier_code = (select max(supplier_code)
          from suppliers where supplier_code like 'OLD-%');
        do $$ begin
          while (select count(*) from migrate.rollback_table where status = 'emptied') < 3 loop
            perform pg_sleep(0.05);
          end loop;
        end $$;
        insert into public.upload_history (id, supplier_id, file_name, file_type, file_size, status,
          upload_date, uploaded_by)
        select '\(other)', id, 'a', 'b', 1, 'c', now(), id from suppliers
        where supplier_code not like 'OLD-%' and supplier_code > 'SUP-0005' limit 1;
        commit
        """,
      ], migrate.environment, output: "/dev/null",
      errors: migrate.folder.path + "/writer-errors")
    try eventually("the writer") {
      try number(
        target,
        "select count(*) from pg_locks where relation = 'suppliers'::regclass and mode = 'RowExclusiveLock'"
      ) > 0
    }
    let stopped = try migrate("rollback --session latest --yes")
    #expect(waitForEnd(of: writer, until: .now + .seconds(120)) == 0)
    #expect(stopped.exitCode == 1, "\(stopped.errors)")
    #expect(stopped.errors.contains("upload_history_supplier_id_fkey"))
    #expect(stopped.errors.contains(other))
    #expect(try migrate.json("report rollback").document["status"] == "stopped")
    #expect(try migrate.json("status").document["rollback"] == .null)
    #expect(try migrate("rollback verify").exitCode == 4)
    let suppliers = "select count(*) from suppliers where supplier_code not like 'OLD-%'"
    #expect(try number(target, suppliers) > 100)

    try psql(target.url, "delete from upload_history where id = '\(other)'")
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try migrate("rollback verify").exitCode == 0)
    let (state, before) = (
      try targetState(target.url), try RollbackWorld.beforeState.get()
    )
    // The writer has written one supplier from before once more, as it was.
    #expect(state.filter { !before.contains($0) }.map { $0.prefix(9) } == ["suppliers"])
  }

  private func kill(_ migrate: Migrate, _ line: String, after range: ClosedRange<UInt32>) throws {
    let run = try BackgroundRun(migrate, line)
    usleep(UInt32.random(in: range))
    Glibc.kill(run.pid, SIGKILL)
    _ = run.end()
  }
}
