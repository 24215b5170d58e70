import MigrationBasics
import MigrationLedger
import Postgres

// Tables that are cut by their blocks, which are stable unless the table is rewritten or rows are moved.
extension PostgresFeed {
  func misfit(
    since before: SourceState, isLater: Bool, through reader: PostgresReader
  ) throws -> String? {
    guard let before = BlocksState(before) else { return nil }
    let now = try blocks(reader.connection)
    if now.files != before.files {
      return
        "\(query.table) has no key, so it was cut into ranges of blocks, and since then it was rewritten or "
        + "emptied (VACUUM FULL, CLUSTER, TRUNCATE, REFRESH, ALTER TABLE): its rows are in other blocks"
    }
    if isLater, now.moved != before.moved {
      return
        "\(query.table) has no key, so it was cut into ranges of blocks, and since then rows were updated "
        + "(or the server's statistics were reset): they may be in other blocks"
    }
    return nil
  }

  /// Vacuum makes room in blocks that are read already, and a row that is inserted there is never read; one that is
  /// deleted there and inserted elsewhere is read twice. The rows tell it: which of them came later, and how many there
  /// are. One scan of the table.
  func misfit(
    since before: SourceState, done: () throws -> [ChunkRecord], through reader: PostgresReader
  ) throws -> String? {
    guard let before = BlocksState(before) else { return nil }
    let done = try done()
    guard !done.isEmpty else { return nil }
    let what = "\(query.table) has no key, so it was cut into ranges of blocks, and "
    guard let ranges = try LoadedBlocks(done, before, query) else {
      return what + "an older version of this program did not note which rows were read"
    }
    let found = try reader.connection.execute(ranges.question, hasPlanSQL: query.hasConditions)
    let (there, newer) = (found.int(0, 0) ?? 0, found.int(0, 1) ?? 0)
    let read = done.reduce(0) { $0 + $1.counts.read }
    if newer > 0 || there > read {
      return what
        + "since then \(CountText.of(max(newer, there - read), "row was", "rows were")) inserted or updated in ranges that are loaded already"
    }
    guard there < read, let elsewhere = found.int(0, 2), elsewhere > 0 else { return nil }
    return what
      + "since then \(CountText.of(read - there, "loaded row was", "loaded rows were")) deleted, and \(CountText.of(elsewhere, "row")) inserted elsewhere, "
      + "which may be the same"
  }

  func snapshot(through reader: PostgresReader) throws -> String? {
    guard query.key.isEmpty else { return nil }
    return try reader.connection.query("SELECT pg_catalog.txid_current_snapshot()::text").text(0, 0)
  }

  /// Updates within a block (HOT) move no row to another range.
  func blocks(_ connection: Connection) throws -> BlocksState {
    let found = try connection.query(
      """
      WITH RECURSIVE part AS (
        SELECT pg_catalog.to_regclass($1)::oid AS oid
        UNION
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid
      )
      SELECT pg_catalog.string_agg(
          coalesce(pg_catalog.pg_relation_filepath(oid), oid::text), ' ' ORDER BY oid),
        coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_tuples_updated(oid)
          - pg_catalog.pg_stat_get_tuples_hot_updated(oid)), 0)::bigint,
        pg_catalog.txid_current_snapshot()::text
      FROM part
      """, [query.table])
    return BlocksState(
      files: found.text(0, 0) ?? "", moved: found.int(0, 1) ?? 0,
      moments: [BlocksState.Moment(run: RunID(rawValue: 0), snapshot: found.text(0, 2) ?? "")])
  }
}
