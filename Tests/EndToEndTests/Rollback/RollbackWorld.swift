import Foundation
import MigrationCore
import TestSupport

/// A target that held rows of its own before NXT was migrated into it.
enum RollbackWorld {
  /// The source, with faulty rows, as all tests read it.
  static let source: Result<TemporaryDatabase, any Error> = Result { try makeSource() }

  /// The same rows in a database of a test's own.
  static func makeSource() throws -> TemporaryDatabase {
    let database = try TemporaryDatabase("undosource")
    let migrate = try Undisturbed.prepared(source: database.url, target: database.url)
    let made = try migrate("sample --rows 900 --dirty 3 --seed 21")
    guard made.exitCode == 0 else { throw SubprocessFailure(description: made.errors) }
    return database
  }

  /// What the target was before. The databases that others are copies of are asked nothing more: one
  /// that is in use can't be copied.
  static let beforeState = Result { try targetState(before.get().url) }

  /// The target before: other rows of the same kind, which refer to each other. Thirty suppliers
  /// have codes of the source, so that rows that come refer to rows that were there.
  static let before: Result<TemporaryDatabase, any Error> = Result {
    let (legacy, target) = (
      try TemporaryDatabase("undolegacy"), try TemporaryDatabase("undobefore")
    )
    let migrate = try Undisturbed.prepared(source: legacy.url, target: target.url)
    guard try migrate("sample --rows 600 --seed 5").exitCode == 0,
      try migrate("db migrate").exitCode == 0, try migrate("run --all").exitCode == 0
    else { throw SubprocessFailure(description: "the rows from before can't be made") }
    try psql(
      target.url,
      """
      update customers set customer_code = 'OLD-' || customer_code;
      update suppliers set supplier_code = 'OLD-' || supplier_code where id not in (
        select id from suppliers order by supplier_code limit 30);
      update products set sku = 'OLD-' || sku;
      drop schema migrate cascade;
      select setval('inventory_id_seq', 100000, false);
      """)
    return target
  }

  /// The same target after a migration with three lanes, of which some rows came by a retry.
  static let migrated: Result<TemporaryDatabase, any Error> = Result {
    _ = try beforeState.get()
    let database = try TemporaryDatabase("undone", copying: try before.get())
    let legacy = try makeSource()
    let migrate = try Undisturbed.prepared(source: legacy.url, target: database.url)
    let run = try migrate("run --all --parallel 3")
    guard run.exitCode == 5 else { throw SubprocessFailure(description: run.errors) }
    try psql(
      legacy.url,
      """
      update legacy_customers set company_name = 'Mended' where company_name is null;
      update legacy_products set name = 'Mended' where name is null
      """)
    let retried = try migrate("retry")
    guard retried.exitCode == 5,
      try psql(database.url, "select count(*) > 0 from migrate.write where kind = 'retry'") == "t"
    else { throw SubprocessFailure(description: "nothing was retried: " + retried.output) }
    return database
  }

  /// A copy of the migrated target of a test's own, and the executable set to it.
  static func copy() throws -> (target: TemporaryDatabase, migrate: Migrate) {
    let target = try TemporaryDatabase("undo", copying: try migrated.get())
    return (
      target, try Undisturbed.prepared(source: try source.get().url, target: target.url)
    )
  }
}
