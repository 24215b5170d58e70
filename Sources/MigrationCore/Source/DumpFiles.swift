import Mongo
import Postgres

/// What mongodump wrote, read in the place of the database that it was made of.
final class DumpFiles: RowSource {
  private let dump: any DumpSource

  init(_ place: DatabaseURL, setting: String) throws {
    do {
      dump = try Dump.open(place.connectionString)
    } catch {
      throw MigrationError(
        .coded(.connection), "the dump can't be opened: \(error)", reason: "dump",
        place: place.redacted, remedy: "check the path in \(setting)")
    }
  }

  var isOneMoment: Bool { true }
  func noteChange() {}
  func open(timeout: Duration?) -> any RowReader { DumpReader(dump) }
  func release() {}
}

/// Reads from a dump, on from where it stands if it can.
final class DumpReader: RowReader {
  private let dump: any DumpSource
  /// The cursor of the last chunk, which often stands where the next one begins.
  private var resting: (collection: DumpedCollection, cursor: DumpCursor)?

  init(_ dump: any DumpSource) { self.dump = dump }

  var isUsable: Bool { true }
  var cancellable: [Connection] { [] }

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

  func chunks(of feed: FeedWork, size: ChunkSize, limit: Int?) throws -> [PlannedChunk] {
    guard case .dump(let dumped) = feed.source else { return [PlannedChunk(.everything)] }
    return try SourceError.wrapping(dump.path) {
      try DumpChunks(feed: dumped, size: size, limit: limit).plan()
    }
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard case .dump(let dumped) = feed.source else { return }
    try SourceError.wrapping(dump.path) {
      switch part {
      case .chunk(.bytes(let from, let to)):
        try read(dumped, from: Int64(from), to: to.map { Int64($0) }, body)
      case .chunk(let range):
        throw LedgerError(
          .ledgerDamaged, "a chunk of a dump has no range of bytes", place: range.json.compact)
      case .all: try read(dumped, from: 0, to: nil, body)
      case .keys(let keys):
        try read(dumped, ids: keys.compactMap(DocumentID.kept), body)
      case .typed(let texts): try read(dumped, ids: texts.flatMap(DocumentID.typed), body)
      case .matching(let condition):
        throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
      }
    }
  }
}

extension DumpReader {
  private func read(
    _ feed: DumpedFeed, from: Int64, to: Int64?,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let cursor = try cursor(feed, at: from)
    while to.map({ cursor.offset < $0 }) ?? true, let document = try cursor.next() {
      try body(document.view.bytes)
    }
    resting = (feed.collection, cursor)
  }

  /// Returns a cursor that stands at an offset.
  private func cursor(_ feed: DumpedFeed, at offset: Int64) throws -> DumpCursor {
    defer { resting = nil }
    if let resting, resting.collection == feed.collection, resting.cursor.offset <= offset {
      return try forward(resting.cursor, to: offset)
    }
    if feed.collection.allowsRanges { return try feed.cursor(from: offset) }
    return try forward(try feed.cursor(), to: offset)
  }

  private func forward(_ cursor: DumpCursor, to offset: Int64) throws -> DumpCursor {
    while cursor.offset < offset, try cursor.next() != nil {}
    return cursor
  }

  /// Looks every document's id up among some.
  private func read(
    _ feed: DumpedFeed, ids: [BSONValue], _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let wanted = Set(ids.map(DocumentID.rawKey))
    let cursor = try feed.cursor()
    var key: [UInt8] = []
    while let document = try cursor.next() {
      RowKey.documentID.read(document.view.bytes, into: &key)
      if wanted.contains(key) { try body(document.view.bytes) }
    }
  }
}
