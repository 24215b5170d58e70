import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

/// Reads from a dump, on from where it is if it can.
final class DumpReader: RowReader {
  let dump: any DumpSource
  /// The cursor of the last chunk, which is often where the next one begins.
  var resting: (collection: DumpedCollection, cursor: DumpCursor)?

  init(_ dump: any DumpSource) { self.dump = dump }

  var isUsable: Bool { true }
  var cancellable: [Connection] { [] }

  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    var catalog = SourceCatalog()
    (catalog.collections, catalog.isDump) = (collections(), true)
    catalog.notes = dump.notes
    catalog.oplog = try SourceError.wrapping(dump.path) { try dump.oplog() }
    return catalog
  }

  func collections() -> [String] {
    dump.collections.filter { !$0.isSystem && $0.kind == .collection }.map(\.name)
  }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource {
    if let filter = condition ?? feed.filter {
      throw MigrationError(
        .configuration, "a condition can't be asked of a dump: \(filter)", place: "\(feed.place)",
        remedy: "restore the dump into a MongoDB server, or move all documents of \(feed.from)")
    }
    let found = dump.collections.filter { $0.name == feed.from && $0.kind == .collection }
    guard let first = found.first else {
      if feed.mayBeMissing { return .nothing }
      throw MigrationError(
        .coded(.schema), "the dump has no collection \(feed.from)", place: dump.path,
        remedy: nearest(to: feed.from, in: collections()).map { "did you mean \($0)?" }
          ?? "correct the name, or let the plan say missing: \"empty\"")
    }
    guard found.count == 1 else {
      let names = found.map(\.namespace).joined(separator: ", ")
      throw MigrationError(
        .configuration, "the dump has several collections \(feed.from): \(names)",
        place: dump.path, remedy: "name the folder of one database: dump:\(dump.path)/NAME")
    }
    return .dump(DumpedFeed(dump, first))
  }

  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    guard let dumped = try source.boundDump() else { return [PlannedChunk(.everything)] }
    return try SourceError.wrapping(dump.path) {
      try DumpChunks(feed: dumped, cutting: cutting).plan(while: isWanted)
    }
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard let dumped = try feed.source.boundDump() else { return }
    try SourceError.wrapping(dump.path) {
      switch part {
      case .chunk(.bytes(let from, let to)):
        try read(dumped, from: Int64(from), to: to.map { Int64($0) }, body)
      case .chunk(let range):
        throw LedgerError(
          .ledgerDamaged, "a chunk of a dump has no range of bytes", place: range.json().compact)
      case .all: try read(dumped, from: 0, to: nil, body)
      case .first(let count):
        try each(of: dumped, while: { $0 < count }) { try body($1.bytes) }
      case .sample(let count): try sample(dumped, count, body)
      case .keys(let keys):
        try read(dumped, ids: keys.compactMap(DocumentID.kept), body)
      case .typed(let texts): try read(dumped, ids: texts.flatMap(DocumentID.typed), body)
      case .matching(let condition):
        throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
      }
    }
  }
}
