/// The header of a block: whose documents follow, or whose end it is.
struct ArchiveBlock {
  let database: String
  let name: String
  let isEnd: Bool
  let checksum: UInt64
  /// The collection's place in the archive's list; nil for what is of no database.
  let index: Int?

  static let oplogName = "oplog"

  var namespace: String { "\(database).\(name)" }
  var isOplog: Bool { database.isEmpty && name == Self.oplogName }
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

  private var progress: [Progress] = []
  private var indexes: [String: Int] = [:]
  private let wanted: Int?

  init(_ prelude: ArchivePrelude, wanted: DumpedCollection?) throws(DumpError) {
    for collection in prelude.collections {
      let index = indexes.updateValue(progress.count, forKey: collection.namespace)
      guard index == nil else {
        throw DumpError(
          .badArchive, file: prelude.path, reason: "\(collection.namespace) is listed twice")
      }
      progress.append(Progress(collection: collection))
    }
    self.wanted = wanted.flatMap { [indexes] in indexes[$0.namespace] }
    guard let wanted, self.wanted == nil else { return }
    throw DumpError(
      .noCollection, file: prelude.path, reason: "the archive has no collection \(wanted.namespace)"
    )
  }

  /// Whether the one collection that is wanted has been read to its end.
  var isWantedOver: Bool { wanted.map { progress[$0].isOver } ?? false }

  /// Reads a block's header, and at a collection's end compares the checksum.
  mutating func open(_ stream: DumpStream) throws(DumpError) -> ArchiveBlock {
    let start = stream.offset
    let header = try stream.nextHeader()
    guard let database = header["db"]?.stringValue, let name = header["collection"]?.stringValue,
      !name.isEmpty, let isEnd = header["EOF"]?.boolValue
    else { throw failure(.badArchive, "a block without a name", stream, at: start) }
    let index = database.isEmpty ? nil : indexOf(database, name)
    if let index, progress[index].isOver {
      throw failure(.badArchive, "\(database).\(name) continues after its end", stream, at: start)
    }
    guard index != nil || database.isEmpty else {
      throw failure(.badArchive, "\(database).\(name) is not listed", stream, at: start)
    }
    let block = ArchiveBlock(
      database: database, name: name, isEnd: isEnd,
      checksum: UInt64(bitPattern: header["CRC"]?.int64Value ?? 0), index: index)
    if isEnd { try end(block, stream, at: start) }
    return block
  }

  /// The collection whose documents are to be lent; nil for those that are passed over.
  func collection(of block: ArchiveBlock) -> DumpedCollection? {
    guard let index = block.index, wanted == nil || wanted == index else { return nil }
    return progress[index].collection
  }

  mutating func add(_ document: UnsafeRawBufferPointer, to block: ArchiveBlock) {
    guard let index = block.index else { return }
    progress[index].checksum.update(document)
  }

  /// Checks that the archive does not end before its collections do.
  func finish(_ stream: DumpStream) throws(DumpError) {
    let open = progress.filter { !$0.isOver && $0.collection.kind != .view }
    guard let first = open.map(\.collection.namespace).min() else { return }
    throw stream.failure(.truncated, "the archive ends before \(first) does")
  }

  private mutating func end(
    _ block: ArchiveBlock, _ stream: DumpStream, at start: Int64
  ) throws(DumpError) {
    guard let index = block.index else { return }
    progress[index].isOver = true
    guard wanted == nil || wanted == index else { return }
    guard progress[index].checksum.value == block.checksum else {
      throw failure(
        .badChecksum, "the checksum of \(block.namespace) differs from the dumped one",
        stream, at: start)
    }
  }

  /// Finds a collection; documents of a time series come under the name of its buckets.
  private func indexOf(_ database: String, _ name: String) -> Int? {
    if let index = indexes["\(database).\(name)"] { return index }
    let prefix = "system.buckets."
    return name.hasPrefix(prefix) ? indexes["\(database).\(name.dropFirst(prefix.count))"] : nil
  }

  private func failure(
    _ code: DumpError.Code, _ reason: String, _ stream: DumpStream, at offset: Int64
  ) -> DumpError {
    DumpError(
      code, file: stream.path, offset: offset, isDecompressedOffset: stream.isCompressed,
      reason: reason)
  }
}
