/// The header of a block: whose documents follow, or whose end it is.
struct ArchiveBlock {
  let database: String
  let name: String
  let isEnd: Bool
  let checksum: UInt64

  var namespace: String { "\(database).\(name)" }
}

/// What has been seen of each collection while an archive is read.
///
/// Collections come in pieces between each other, so each has a checksum of its own that runs on
/// from piece to piece and must be right at its end.
struct ArchiveState {
  private struct Progress {
    let collection: DumpedCollection
    var checksum = CRC64()
    var isOver = false
  }

  private var progress: [String: Progress] = [:]
  private let wanted: DumpedCollection?

  init(_ prelude: ArchivePrelude, wanted: DumpedCollection?) {
    self.wanted = wanted
    for collection in prelude.collections {
      progress[collection.namespace] = Progress(collection: collection)
    }
  }

  /// Whether the one collection that is wanted has been read to its end.
  var isWantedOver: Bool { wanted.flatMap { progress[$0.namespace]?.isOver } ?? false }

  /// Reads a block's header, and at a collection's end compares the checksum.
  mutating func open(_ stream: DumpStream) throws(DumpError) -> ArchiveBlock {
    let start = stream.offset
    let header = try stream.nextHeader()
    guard let database = header["db"]?.stringValue, let name = header["collection"]?.stringValue,
      !name.isEmpty, let isEnd = header["EOF"]?.boolValue
    else { throw failure(.badArchive, "a block without a name", stream, at: start) }
    let block = ArchiveBlock(
      database: database, name: collectionName(database, name), isEnd: isEnd,
      checksum: UInt64(bitPattern: header["CRC"]?.int64Value ?? 0))
    if progress[block.namespace]?.isOver == true {
      throw failure(.badArchive, "\(block.namespace) goes on behind its end", stream, at: start)
    }
    guard !database.isEmpty else { return block }
    guard progress[block.namespace] != nil else {
      throw failure(.badArchive, "\(block.namespace) is not in the list", stream, at: start)
    }
    if isEnd { try end(block, stream, at: start) }
    return block
  }

  /// The collection whose documents are to be lent; nil for those that are passed over.
  func collection(of block: ArchiveBlock) -> DumpedCollection? {
    guard let collection = progress[block.namespace]?.collection else { return nil }
    return wanted == nil || wanted?.namespace == collection.namespace ? collection : nil
  }

  mutating func add(_ document: UnsafeRawBufferPointer, to block: ArchiveBlock) {
    progress[block.namespace]?.checksum.update(document)
  }

  /// Checks that the archive does not end before its collections do.
  func finish(_ stream: DumpStream) throws(DumpError) {
    let open = progress.values.filter { !$0.isOver && $0.collection.kind != .view }
    guard let first = open.map(\.collection.namespace).min() else { return }
    throw stream.failure(.truncated, "the archive ends before \(first) does")
  }

  private mutating func end(
    _ block: ArchiveBlock, _ stream: DumpStream, at start: Int64
  ) throws(DumpError) {
    progress[block.namespace]?.isOver = true
    guard let found = progress[block.namespace], collection(of: block) != nil else { return }
    guard found.checksum.value == block.checksum else {
      throw failure(
        .badChecksum, "the checksum of \(block.namespace) is not the one it was dumped with",
        stream, at: start)
    }
  }

  /// Documents of a time series come under the name of its buckets.
  private func collectionName(_ database: String, _ name: String) -> String {
    let prefix = "system.buckets."
    guard progress["\(database).\(name)"] == nil, name.hasPrefix(prefix) else { return name }
    return String(name.dropFirst(prefix.count))
  }

  private func failure(
    _ code: DumpError.Code, _ reason: String, _ stream: DumpStream, at offset: Int64
  ) -> DumpError {
    DumpError(
      code, file: stream.path, offset: offset, isDecompressedOffset: stream.isCompressed,
      reason: reason)
  }
}
