/// A folder as `mongodump --out` writes it, of all databases or of one.
public struct DumpFolder: DumpSource {
  public let path: String
  public let collections: [DumpedCollection]
  public let notes: [String]
  /// The file of the oplog, which lies next to the databases.
  let oplogFile: String?

  /// Lists a folder; documents are not checked yet.
  public init(_ path: String) throws(DumpError) {
    self.path = path
    var listing = DumpFolderListing()
    try listing.addDump(path)
    guard !listing.collections.isEmpty else {
      throw DumpError(
        .notADump, file: path, reason: "the folder has no .bson and no .metadata.json file")
    }
    collections = listing.collections
    notes = listing.notes
    oplogFile = listing.oplogFile
  }

  public func read(
    _ collection: DumpedCollection, options: DumpReadOptions = DumpReadOptions(),
    _ body: (DumpedDocument) throws -> Void
  ) throws {
    guard let file = collection.file else { return }
    try read(DumpStream(file), until: .max, options, body)
  }

  public func readAll(
    options: DumpReadOptions = DumpReadOptions(),
    _ body: (DumpedCollection, DumpedDocument) throws -> Void
  ) throws {
    for collection in collections {
      try read(collection, options: options) { try body(collection, $0) }
    }
  }

  /// Lends the documents that begin in a range of bytes, which must be cut at documents.
  public func read(
    _ collection: DumpedCollection, bytes range: Range<Int64>,
    options: DumpReadOptions = DumpReadOptions(), _ body: (DumpedDocument) throws -> Void
  ) throws {
    let stream = try openForRanges(collection, at: range.lowerBound)
    try read(stream, until: range.upperBound, options, body)
  }

  /// Finds places to cut a file of documents into parts of about that many bytes.
  ///
  /// - Returns: rising offsets, the first 0 and the last the file's end. Only lengths are read.
  public func cuts(of collection: DumpedCollection, every size: Int64) throws(DumpError) -> [Int64]
  {
    let stream = try openForRanges(collection, at: 0)
    var cuts: [Int64] = [0]
    while try !stream.isFinished() {
      if stream.offset - (cuts.last ?? 0) >= max(size, 1) { cuts.append(stream.offset) }
      _ = try stream.nextDocument()
    }
    if stream.offset > 0 { cuts.append(stream.offset) }
    return cuts
  }

  private func openForRanges(
    _ collection: DumpedCollection, at offset: Int64
  ) throws(DumpError) -> DumpStream {
    guard collection.allowsRanges, let file = collection.file else {
      throw DumpError(
        .noCollection, file: collection.file ?? path,
        reason: "\(collection.namespace) cannot be read by byte ranges")
    }
    return try DumpStream(file, from: offset)
  }

  private func read(
    _ stream: DumpStream, until end: Int64, _ options: DumpReadOptions,
    _ body: (DumpedDocument) throws -> Void
  ) throws {
    while stream.offset < end, try !stream.isFinished() {
      let document = try stream.nextChecked(options)
      guard stream.offset <= end else {
        throw stream.failure(.badDocument, "the range ends in the middle of a document")
      }
      try body(document)
    }
  }
}

extension DumpStream {
  /// Lends the next document after checking it at every level.
  func nextChecked(_ options: DumpReadOptions) throws(DumpError) -> DumpedDocument {
    let start = offset
    let view = DocumentView(unchecked: try nextDocument())
    do throws(BSONError) {
      try view.validate(checkingText: options.checksText)
    } catch {
      throw damaged(error, at: start)
    }
    return DumpedDocument(view: view, file: path, offset: start)
  }
}
