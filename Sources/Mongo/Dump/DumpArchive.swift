/// A file as `mongodump --archive` writes it, compressed or not.
public struct DumpArchive: DumpSource {
  public let path: String
  public let collections: [DumpedCollection]
  public let notes: [String]
  let hasOplog: Bool
  /// The version of the server that was dumped.
  public let serverVersion: String?
  /// The version of mongodump.
  public let toolVersion: String?

  /// Reads the list at the archive's beginning; documents are not checked yet.
  public init(_ path: String) throws(DumpError) {
    self.path = path
    let stream = try DumpStream(path)
    let prelude = try ArchivePrelude(stream)
    collections = prelude.collections
    notes = prelude.notes
    hasOplog = prelude.hasOplog
    serverVersion = prelude.header["server_version"]?.stringValue
    toolVersion = prelude.header["tool_version"]?.stringValue
  }

  /// Lends one collection's documents; the others are passed over by their lengths.
  public func read(
    _ collection: DumpedCollection, options: DumpReadOptions = DumpReadOptions(),
    _ body: (DumpedDocument) throws -> Void
  ) throws {
    try read(only: collection, options: options) { try body($1) }
  }

  public func readAll(
    options: DumpReadOptions = DumpReadOptions(),
    _ body: (DumpedCollection, DumpedDocument) throws -> Void
  ) throws {
    try read(only: nil, options: options, body)
  }

  private func read(
    only wanted: DumpedCollection?, options: DumpReadOptions,
    _ body: (DumpedCollection, DumpedDocument) throws -> Void
  ) throws {
    let stream = try DumpStream(path)
    let prelude = try ArchivePrelude(stream)
    var state = try ArchiveState(prelude, wanted: wanted)
    while try !stream.isFinished() {
      let block = try state.open(stream)
      let collection = state.collection(of: block)
      while try !stream.takeTerminator() {
        guard !block.isEnd else {
          throw stream.failure(.badArchive, "documents after the end of \(block.namespace)")
        }
        guard let collection else {
          _ = try stream.nextDocument()
          continue
        }
        let document = try stream.nextChecked(options)
        state.add(document.view.bytes, to: block)
        try body(collection, document)
      }
      if state.isWantedOver { return }
    }
    try state.finish(stream)
  }
}

extension DumpStream {
  /// The four bytes between an archive's blocks, in the place of a document's length.
  private static let terminator: Int32 = -1

  func takeTerminator() throws(DumpError) -> Bool {
    guard let mark = try peek(4) else {
      throw failure(.truncated, "the archive ends in the middle of a block")
    }
    guard mark.int32(at: 0) == Self.terminator else { return false }
    consume(4)
    return true
  }

  /// Copies the next document, which describes others.
  func nextHeader() throws(DumpError) -> BSONDocument {
    let start = offset
    let bytes = try nextDocument()
    do throws(BSONError) {
      return try BSONDocument(copying: bytes, checkingText: true)
    } catch {
      throw damaged(error, at: start)
    }
  }
}
