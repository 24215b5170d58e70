import Postgres
import TestSupport
import Testing

@testable import MigrationEngine

/// What the sessions that read a source ask of its server.
@Suite struct SourceSessionTests {
  private let database: TemporaryDatabase

  init() throws {
    database = try TemporaryDatabase("source_session")
    // A server that takes workers for every plan, and sorts hardly anything in memory.
    try psql(
      database.url,
      """
      create table t as
        select md5(n::text)::uuid as id, repeat('x', 200) as filling from generate_series(1, 20000) n;
      alter table t add primary key (id);
      analyze t;
      do $$ begin execute format('alter database %I set min_parallel_table_scan_size = 0;'
        'alter database %1$I set parallel_setup_cost = 0;'
        'alter database %1$I set parallel_tuple_cost = 0;'
        'alter database %1$I set enable_indexscan = off;'
        'alter database %1$I set work_mem = 64', current_database()); end $$
      """)
  }

  /// How the server goes about reading the table in the order of its key.
  private func plan(inLanes: Bool = true, options: String = "") throws -> String {
    let place = try ConnectionString(database.url + options)
    let source = PostgresSource(place, options: ConnectionOptions(), inLanes: inLanes)
    return try Self.plan(#require((source.open(timeout: nil) as? PostgresReader)?.connection))
  }

  private static func plan(_ connection: Connection) throws -> String {
    let query = "SELECT * FROM public.t ORDER BY id"
    let told = try connection.query("EXPLAIN (ANALYZE, COSTS off, TIMING off) \(query)")
    return told.rows.compactMap { $0.text(0) }.joined(separator: "\n")
  }

  @Test func aLaneTakesNoWorkersAndSortsInMemory() throws {
    // One that counts for a validation goes by the server's own settings.
    let usual = try plan(inLanes: false)
    #expect(usual.contains("Workers Planned") && usual.contains("Disk"))
    let plan = try plan()
    #expect(plan.contains("Sort Method: quicksort  Memory"))
    #expect(!plan.contains("Workers Planned") && !plan.contains("Disk"))
  }

  @Test func theURLMaySayOtherwise() throws {
    let plan = try plan(
      options: "?options=-c%20work_mem%3D64kB%20-c%20max_parallel_workers_per_gather%3D2")
    #expect(plan.contains("Workers Planned") && plan.contains("Disk"))
  }
}
