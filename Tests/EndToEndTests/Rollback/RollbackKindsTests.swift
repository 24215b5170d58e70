import Foundation
import MigrationCore
import TestSupport
import Testing

/// Each kind of rollback leaves a target that held rows of its own as it was: every row at its place
/// and as it was written, every definition, every sequence.
@Suite(.serialized) struct RollbackKindsTests {
  @Test func aSessionGoesAndTheNextRunBringsItAgain() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let after = try Self.contents(of: target, migrate)
    let preview = try migrate.json("rollback --session latest --dry-run")
    #expect(preview.exitCode == 0)
    #expect(preview.document["rows"]?.intValue ?? 0 > 2500)
    #expect(try number(target, "select count(*) from migrate.rollback") == 0)
    #expect(try migrate("rollback --session latest").exitCode == 2)

    let (exitCode, record) = try migrate.json("rollback --session latest --yes")
    #expect(exitCode == 0)
    #expect(record["rowsGone"] == preview.document["rows"])
    #expect(record["rowsKept"] == 0)
    #expect(
      try targetState(target.url)
        == RollbackWorld.beforeState.get())
    #expect(try number(target, "select count(*) from migrate.quarantine") == 0)
    let verified = try migrate.json("rollback verify")
    #expect(verified.exitCode == 0)
    #expect(verified.document["verified"] == .bool(true))
    #expect(try migrate("validate --after-rollback").exitCode == 0)
    #expect(try migrate.json("report rollback").document == record)

    // The fixed rows are faulty in this source, so that a run without retries has fewer.
    #expect(try migrate("run --all").exitCode == 5)
    let again = try TemporaryDatabase("undoagain", copying: try RollbackWorld.before.get())
    let other = try Undisturbed.prepared(
      source: try RollbackWorld.source.get().url, target: again.url)
    #expect(try other("run --all").exitCode == 5)
    #expect(try Self.contents(of: target, migrate) == Self.contents(of: again, other))
    #expect(try Self.contents(of: target, migrate) != after)
  }

  @Test func stepAfterStepUntilNothingIsLeftAfterFreezing() throws {
    let (target, migrate) = try RollbackWorld.copy()
    try psql(target.url, "vacuum (freeze)")
    var tables: [String] = []
    for _ in Undisturbed.tables {
      let (exitCode, record) = try migrate.json("rollback --last-step --yes")
      #expect(exitCode == 0, "\(record)")
      guard case .array(let gone)? = record["tables"] else { break }
      tables += gone.compactMap { $0["table"]?.textValue }
    }
    #expect(tables == Undisturbed.tables.reversed())
    #expect(try migrate("rollback --last-step --yes").exitCode == 1)
    #expect(
      try targetState(target.url)
        == RollbackWorld.beforeState.get())
  }

  @Test func backToACheckpointThenATableAndForwardAgain() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let after = try Self.contents(of: target, migrate)
    let refused = try migrate("rollback --table suppliers --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("ERR_010"))
    #expect(refused.errors.contains("products remains"))
    #expect(try migrate("rollback --checkpoint nothing_completed --yes").exitCode == 3)
    #expect(try Self.contents(of: target, migrate) == after)

    #expect(try migrate("rollback --checkpoint suppliers_completed --yes").exitCode == 0)
    #expect(try migrate("rollback verify").exitCode == 0)
    #expect(try migrate.json("status").document["status"] == "open")
    #expect(
      FileManager.default.fileExists(atPath: migrate.folder.path + "/migration-checkpoint.json"))
    let state = try targetState(target.url)
    let before = try RollbackWorld.beforeState.get()
    // The customers and suppliers alone are others than before.
    let missing = before.filter { !state.contains($0) }.map { $0.split(separator: "|")[0] }
    #expect(missing == ["customers", "suppliers"])
    #expect(try migrate("rollback --tables customers,suppliers --yes").exitCode == 0)
    #expect(try targetState(target.url) == before)
    #expect(try migrate("run --all").exitCode == 5)
    // More rows are quarantined than the plan's threshold allows, and nothing else is found.
    let (exitCode, validation) = try migrate.json("validate --layers counts,references")
    #expect(exitCode == 4)
    #expect(validation["summary"]?["quarantined"]?["isWithinLimit"] == false)
    let shown = try migrate("validate --layers counts,references").output
    #expect(shown.contains("7 of 7 tables have the expected number of rows"), "\(shown)")
    #expect(shown.contains("[ok] Referential Integrity Validation: PASS"), "\(shown)")
  }

  @Test func readersGoOnReadingWhatTheySaw() throws {
    let target = try TemporaryDatabase("undoread")
    let migrate = try Undisturbed.prepared(
      source: try RollbackWorld.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let before = try targetState(target.url)
    #expect(try migrate("customers").exitCode == 5)
    let rows = try number(target, "select count(*) from customers")
    let folder = try TemporaryFolder()
    // The reader waits for this one between its two looks.
    try psql(target.url, "create schema other; create table other.locked ()")
    let lock = try TableLock("other.locked", target)
    let reader = try spawn(
      [
        psqlProgram, "-X", "-q", "-A", "-t", "-d", target.url, "-c",
        "begin isolation level repeatable read", "-c", "select count(*) from customers", "-c",
        "lock table other.locked", "-c", "select count(*) from customers",
      ], migrate.environment, output: folder.path + "/out", errors: folder.path + "/errors")
    try eventually("the reader") {
      try number(
        target, "select count(*) from pg_locks where relation = 'customers'::regclass and granted")
        > 0
    }
    try waitForLockRequest("other.locked", target)
    let (exitCode, record) = try migrate.json("rollback --table customers --yes")
    #expect(exitCode == 0)
    #expect(isAtWork(reader))
    guard case .array(let tables)? = record["tables"] else { return }
    #expect(tables.first?["method"] == "DELETE")
    try lock.end()
    #expect(waitForEnd(of: reader, until: .now + .seconds(120)) == 0)
    let seen = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
    #expect(seen.split(separator: "\n").map(String.init) == ["\(rows)", "\(rows)"])
    #expect(try targetState(target.url) == before)
    // Without a reader on it, the table is emptied as a whole.
    #expect(try migrate("customers").exitCode == 5)
    let second = try migrate.json("rollback --table customers --yes").document
    guard case .array(let emptied)? = second["tables"] else { return }
    #expect(emptied.first?["method"] == "TRUNCATE")
  }

  /// The rows apart from the time of the run and what the target numbers itself.
  private static func contents(
    of target: TemporaryDatabase, _ migrate: Migrate
  ) throws -> [String: String] {
    try Undisturbed.contents(of: target.url, migrate)
  }
}
