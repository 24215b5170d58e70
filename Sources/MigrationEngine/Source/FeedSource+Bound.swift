import MigrationBasics
import MigrationPlan

/// What a feed is bound to, for the reader of one kind of source.
///
/// Each throws if another kind of source found the feed: a reader that read nothing would have its chunk
/// done with 0 rows.
extension FeedSource {
  func boundTable() throws -> (table: PostgresTable, query: FeedQuery) {
    guard case .table(let table, let query) = self else { throw foreign(to: "PostgreSQL") }
    return (table, query)
  }

  /// Nil if the collection is missing, and may be.
  func boundCollection() throws -> CollectionFeed? {
    switch self {
    case .collection(let collection): return collection
    case .nothing: return nil
    case .table, .dump: throw foreign(to: "MongoDB")
    }
  }

  /// Nil if the collection is missing, and may be.
  func boundDump() throws -> DumpedFeed? {
    switch self {
    case .dump(let dumped): return dumped
    case .nothing: return nil
    case .table, .collection: throw foreign(to: "dumps")
    }
  }

  private func foreign(to reader: String) -> MigrationError {
    MigrationError(
      .failed, "the reader of \(reader) was given \(kind)",
      remedy: "this is a fault of the program: no row was read, and no chunk is done")
  }

  private var kind: String {
    switch self {
    case .table(let table, _): "the table \(table.name)"
    case .collection(let collection): "the collection \(collection.namespace)"
    case .dump(let dumped): "the dump \(dumped.dump.path)"
    case .nothing: "no source"
    }
  }
}
