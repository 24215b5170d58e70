/// Writes a folder that mongorestore takes, collection by collection.
public struct DumpWriter: Sendable {
  public let folder: String
  public let isCompressed: Bool

  /// Prepares to write below a folder; it is made when the first collection is.
  public init(folder: String, compressed: Bool = false) {
    self.folder = folder
    isCompressed = compressed
  }

  /// Begins a collection; nothing is under its name until `finish`.
  ///
  /// - Throws: `DumpError.Code.exists` if the folder holds the collection already.
  public func collection(
    _ database: String, _ name: String, metadata: DumpMetadata = DumpMetadata()
  ) throws(DumpError) -> DumpCollectionWriter {
    guard !database.isEmpty, !database.utf8.contains(where: { $0 == 0x2F || $0 == 0 }),
      database != ".", database != "..", !name.isEmpty, !name.utf8.contains(0)
    else {
      throw DumpError(.noCollection, file: folder, reason: "no collection can have such a name")
    }
    let path = "\(folder)/\(database)"
    try Files.createFolder(path)
    var metadata = metadata
    metadata.collectionName = name
    return try DumpCollectionWriter(
      stem: "\(path)/\(DumpNames.escape(name))", metadata: metadata, compressed: isCompressed)
  }
}

/// Writes the documents of one collection, and at the end what is to be known about it.
public final class DumpCollectionWriter {
  /// How many documents were written so far.
  public private(set) var documentCount: Int64 = 0
  private let data: DumpOutput?
  private let metadata: DumpOutput

  init(stem: String, metadata content: DumpMetadata, compressed: Bool) throws(DumpError) {
    let ending = compressed ? ".gz" : ""
    data =
      content.kind == .view
      ? nil : try DumpOutput(stem + ".bson" + ending, compressed: compressed)
    metadata = try DumpOutput(stem + ".metadata.json" + ending, compressed: compressed)
    let text = try Self.text(of: content, file: metadata.path)
    try text.withRawBytes { raw throws(DumpError) in try metadata.write(raw) }
  }

  private static func text(
    of content: DumpMetadata, file: String
  ) throws(DumpError) -> [UInt8] {
    do throws(BSONError) {
      return Array(try content.json().utf8)
    } catch {
      throw DumpError(.badMetadata, file: file, document: error, reason: error.description)
    }
  }

  /// Adds a document, after checking its structure at every level.
  public func append(_ document: DocumentView) throws {
    try document.validate(checkingText: false)
    try write(document.bytes)
  }

  /// Adds a document.
  public func append(_ document: BSONDocument) throws(DumpError) {
    try document.withUnsafeBytes { raw throws(DumpError) in try write(raw) }
  }

  /// Makes the collection durable under its name, its documents first.
  public func finish() throws(DumpError) {
    try data?.finish()
    try metadata.finish()
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(DumpError) {
    guard let data else {
      throw DumpError(.noCollection, file: metadata.path, reason: "a view holds no documents")
    }
    try data.write(bytes)
    documentCount += 1
  }
}
