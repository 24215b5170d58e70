import Mongo

// The documents of a dump by their places.
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
}
