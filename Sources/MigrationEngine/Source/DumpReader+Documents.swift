import MigrationRows
import Mongo

// The documents of a dump, by their places or by their ids.
extension DumpReader {
  func read(
    _ feed: DumpedFeed, from: Int64, to: Int64?,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let cursor = try cursor(feed, at: from)
    while to.map({ cursor.offset < $0 }) ?? true, let document = try cursor.next() {
      try body(document.view.bytes)
    }
    resting = (feed.collection, cursor)
  }

  /// Returns a cursor that is at an offset.
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
  func read(
    _ feed: DumpedFeed, ids: [BSONValue], _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let wanted = Set(ids.map(DocumentID.rawKey))
    let cursor = try feed.cursor()
    var key: [UInt8] = []
    while let document = try cursor.next() {
      key.removeAll(keepingCapacity: true)
      RowKey.readID(of: document.view.bytes, into: &key)
      if wanted.contains(key) { try body(document.view.bytes) }
    }
  }

  /// Lends documents with their numbers, as long as the numbers are wanted.
  func each(
    of feed: DumpedFeed, while isWanted: (Int) -> Bool = { _ in true },
    body: (Int, DocumentView) throws -> Void
  ) throws {
    let cursor = try feed.cursor()
    var number = 0
    while isWanted(number), let document = try cursor.next() {
      try body(number, document.view)
      number += 1
    }
  }

  /// Lends a number of documents spread over the file, and the last and the widest.
  func sample(
    _ feed: DumpedFeed, _ count: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var total = 0
    var widest = (number: 0, bytes: 0)
    try each(of: feed) { number, document in
      total += 1
      if document.bytes.count > widest.bytes { widest = (number, document.bytes.count) }
    }
    let step = max(1, total / max(1, count))
    try each(of: feed) { number, document in
      if number % step == 0 || number == total - 1 || number == widest.number {
        try body(document.bytes)
      }
    }
  }

  func count(_ source: FeedSource, each path: [String]?) throws -> Int {
    guard let feed = try source.boundDump() else { return 0 }
    return try SourceError.wrapping(feed.dump.path) {
      let counter = path.map(ElementCounter.init)
      var count = 0
      try each(of: feed) { _, document in count += counter?.count(document.bytes) ?? 1 }
      return count
    }
  }

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {
    guard let feed = try source.boundDump() else { return }
    try SourceError.wrapping(feed.dump.path) {
      try each(of: feed, while: { number in limit.map { number < $0 } ?? true }) { try body($1) }
    }
  }
}
