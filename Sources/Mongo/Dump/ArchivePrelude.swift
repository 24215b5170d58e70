/// The beginning of an archive: its mark, its header, and what it says of each collection.
struct ArchivePrelude {
  static let mark: UInt32 = 0x8199_E26D

  let path: String
  let header: BSONDocument
  private(set) var collections: [DumpedCollection] = []
  private(set) var notes: [String] = []
  private(set) var hasOplog = false

  /// Reads up to the first block.
  init(_ stream: DumpStream) throws(DumpError) {
    guard let mark = try stream.peek(4), UInt32(bitPattern: mark.int32(at: 0)) == Self.mark else {
      throw stream.failure(.notADump, "the file does not start like a mongodump archive")
    }
    stream.consume(4)
    path = stream.path
    header = try stream.nextHeader()
    while try !stream.takeTerminator() {
      let start = stream.offset
      try add(try stream.nextHeader(), stream, at: start)
    }
    collections.sort { ($0.database, $0.name) < ($1.database, $1.name) }
  }

  private mutating func add(
    _ entry: BSONDocument, _ stream: DumpStream, at start: Int64
  ) throws(DumpError) {
    guard let database = entry["db"]?.stringValue, let name = entry["collection"]?.stringValue
    else {
      throw DumpError(
        .badArchive, file: stream.path, offset: start, isDecompressedOffset: stream.isCompressed,
        reason: "a collection without a name")
    }
    guard !database.isEmpty else {
      if name == ArchiveBlock.oplogName { hasOplog = true }
      notes.append("\(stream.path) contains \(name), which belongs to no database; it is not read")
      return
    }
    var metadata = DumpMetadata()
    if let text = entry["metadata"]?.stringValue, !text.isEmpty {
      metadata = try DumpMetadata(
        json: Array(text.utf8), file: "\(stream.path) (\(database).\(name))")
    }
    if metadata.type == nil { metadata.type = entry["type"]?.stringValue }
    let size = entry["size"]?.int64Value
    collections.append(
      DumpedCollection(
        database: database, name: name, kind: metadata.kind, metadata: metadata,
        file: metadata.kind == .view ? nil : stream.path,
        byteCount: metadata.kind == .view ? 0 : size.flatMap { $0 > 0 ? $0 : nil },
        allowsRanges: false))
  }
}
