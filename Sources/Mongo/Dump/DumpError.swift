/// What is wrong with a dump, in which file, and where in it.
public struct DumpError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure; open, so that a later version can add kinds.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The system refused to open, read or write the file.
    public static let io = Code(rawValue: "io")
    /// The path holds nothing that mongodump writes.
    public static let notADump = Code(rawValue: "not-a-dump")
    /// The file ends in the middle of something.
    public static let truncated = Code(rawValue: "truncated")
    /// A collection's file is not there, although the dump mentions the collection.
    public static let missingFile = Code(rawValue: "missing-file")
    /// The gzip data is damaged.
    public static let badGzip = Code(rawValue: "bad-gzip")
    /// A document is damaged; `document` says how.
    public static let badDocument = Code(rawValue: "bad-document")
    /// A `.metadata.json`, or its copy in an archive, is not what mongodump writes.
    public static let badMetadata = Code(rawValue: "bad-metadata")
    /// The blocks of an archive do not follow each other as they must.
    public static let badArchive = Code(rawValue: "bad-archive")
    /// A collection's bytes are not those that were dumped: their checksum differs.
    public static let badChecksum = Code(rawValue: "bad-checksum")
    /// The dump holds no such collection, or none that can be read so.
    public static let noCollection = Code(rawValue: "no-collection")
    /// A file of the dump to be written exists already.
    public static let exists = Code(rawValue: "exists")
  }

  public let code: Code
  public let file: String
  /// The byte, counted in the file after decompression if it is compressed.
  public let offset: Int64?
  /// Whether the offset counts decompressed bytes of a compressed file.
  public let isDecompressedOffset: Bool
  /// What is wrong with the document, its own offset counted within the file too.
  public let document: BSONError?
  public let reason: String

  public init(
    _ code: Code, file: String, offset: Int64? = nil, isDecompressedOffset: Bool = false,
    document: BSONError? = nil, reason: String
  ) {
    self.code = code
    self.file = file
    self.offset = offset
    self.isDecompressedOffset = isDecompressedOffset
    self.document = document
    self.reason = reason
  }

  public var description: String {
    let place = offset.map {
      ", byte \($0)\(isDecompressedOffset ? " of the decompressed data" : "")"
    }
    return "\(file)\(place ?? ""): \(reason)"
  }
}
