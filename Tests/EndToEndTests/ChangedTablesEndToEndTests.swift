import Foundation
import TestSupport
import Testing

/// Somebody changes tables while rows are moved between them.
@Suite struct ChangedTablesEndToEndTests {
  private let target: TemporaryDatabase
  private let migrate: Migrate
  private let source: TemporaryDatabase

  init() throws {
    source = try TemporaryDatabase("changedsource")
    target = try TemporaryDatabase("changed")
    migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    for line in ["sample --rows 1500 --seed 3", "db migrate"] {
      guard try migrate(line).exitCode == 0 else { throw SubprocessFailure(description: line) }
    }
  }

  /// Begins with a table, after all those that it refers to, and is at a gate in it.
  private func start(
    _ table: String, then later: String = "", after others: String, _ changed: Migrate? = nil
  ) throws -> (BackgroundRun, Gate) {
    let migrate = changed ?? migrate
    guard try migrate("run \(others)").exitCode == 0 else {
      throw SubprocessFailure(description: "run \(others)")
    }
    let gate = try Gate(table, target.url)
    let run = try BackgroundRun(
      migrate, "run \(table) \(later) --parallel 1 --batch-size 250")
    try gate.waitForHeld()
    return (run, gate)
  }

  /// A snapshot does not help: it sees no row of a table that was rewritten or emptied after it.
  @Test(arguments: [
    "alter table legacy_products add column extra uuid default gen_random_uuid()",
    "truncate legacy_products",
  ]) func aSourceTableIsNeitherRewrittenNorEmptiedUnderTheRun(_ change: String) throws {
    let (run, gate) = try start("customers", then: "products", after: "suppliers")
    let refused = try psqlFails(source, "set lock_timeout = '300ms'; \(change)")
    #expect(refused.contains("lock timeout"))
    try gate.open()
    #expect(run.end() == 0, "\(run.errors)")
    #expect(
      try number(target, "select count(*) from products")
        == number(source, "select count(*) from legacy_products"))
    try psql(source.url, change)
  }

  /// Lanes that read come after the session that waits to change the table, which waits for the run. It is a table
  /// that the run has not looked into yet: a lane that has read it holds a lock already, and need not wait.
  @Test func whoeverWaitsToChangeASourceTableDoesNotHoldTheRunForEver() throws {
    var migrate = migrate
    migrate.environment["DATABASE_LOCK_TIMEOUT"] = "300"
    migrate.environment["MIGRATION_MAX_RETRIES"] = "1"
    let (run, gate) = try start(
      "customers", then: "products inventory", after: "suppliers", migrate)
    let change = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", source.url, "-c",
        "alter table legacy_inventory add column extra uuid default gen_random_uuid()",
      ], migrate.environment, output: "/dev/null", errors: "/dev/null")
    try waitForLockRequest("legacy_inventory", source)
    try gate.open()
    #expect(run.end() == 6, "\(run.errors)")
    #expect(run.errors.contains("who holds or awaits a lock on the table"))
    #expect(waitForEnd(of: change, until: .now + .seconds(120)) == 0)
    _ = try psql(source.url, "alter table legacy_inventory drop column extra")
    #expect(try migrate("run inventory").exitCode == 0)
    #expect(
      try number(target, "select count(*) from inventory")
        == number(source, "select count(*) from legacy_inventory"))
  }

  /// The bytes of an integer are good bytes of a real, and another number.
  @Test func aTargetColumnThatBecomesAnotherTypeEndsTheRun() throws {
    let (run, gate) = try start("price_list_items", after: "suppliers price_lists")
    // Its turn is after the current chunk.
    let change = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", target.url, "-c",
        "alter table price_list_items alter min_quantity type real",
      ], migrate.environment, output: "/dev/null", errors: "/dev/null")
    try waitForLockRequest("price_list_items", target)
    try gate.open()
    #expect(run.end() == 1, "\(run.errors)")
    #expect(waitForEnd(of: change, until: .now + .seconds(120)) == 0)
    #expect(run.errors.contains("columns of public.price_list_items were changed"))
    try psql(target.url, "alter table price_list_items alter min_quantity type integer")
    #expect(try migrate("run price_list_items").exitCode == 0)
    let validated = try migrate("validate --layers counts,fingerprints --table price_list_items")
    #expect(validated.exitCode == 0, "\(validated.output)")
  }

  private func psqlFails(_ database: TemporaryDatabase, _ sql: String) throws -> String {
    let words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.url, "-c", sql]
    let finished = try TestSupport.run(psqlProgram, words)
    #expect(finished.exitCode != 0)
    return finished.errors
  }
}
