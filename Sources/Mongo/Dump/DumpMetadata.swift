/// What a dump has of a collection besides its documents.
public struct DumpMetadata: Hashable, Sendable {
  /// The options that the collection was created with.
  public var options: BSONDocument
  /// The definitions of its indexes.
  public var indexes: [BSONDocument]
  /// The collection's uuid as 32 hexadecimal digits.
  public var uuid: String?
  /// The collection's name; nil in the dumps of old versions.
  public var collectionName: String?
  /// The kind as the dump names it: `collection`, `view` or `timeseries`; nil in old dumps.
  public var type: String?

  public init(
    options: BSONDocument = [:], indexes: [BSONDocument] = [], uuid: String? = nil,
    collectionName: String? = nil, type: String? = nil
  ) {
    self.options = options
    self.indexes = indexes
    self.uuid = uuid
    self.collectionName = collectionName
    self.type = type
  }

  /// What the collection is, by its type or, in old dumps, by its options.
  public var kind: DumpedCollection.Kind {
    if let type, let kind = DumpedCollection.Kind(rawValue: type) { return kind }
    if options["viewOn"] != nil { return .view }
    return options["timeseries"] != nil ? .timeseries : .collection
  }

  /// How large a metadata file may be: 64 indexes and a view's pipeline stay far below.
  static let sizeLimit = 64 * 1024 * 1024

  /// Reads a `.metadata.json`, compressed or not.
  init(file: String) throws(DumpError) {
    try self.init(json: try Files.contents(of: file, limit: Self.sizeLimit), file: file)
  }

  /// Reads the text that a `.metadata.json` or an archive holds.
  init(json: [UInt8], file: String) throws(DumpError) {
    let document: BSONDocument
    do throws(ExtendedJSONError) {
      document = try ExtendedJSON.parse(json)
    } catch {
      throw DumpError(
        .badMetadata, file: file, offset: Int64(error.offset), reason: error.description)
    }
    self.init(
      options: document["options"]?.documentValue ?? [:],
      indexes: document["indexes"]?.arrayValue?.compactMap(\.documentValue) ?? [],
      uuid: document["uuid"]?.stringValue,
      collectionName: document["collectionName"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 },
      type: document["type"]?.stringValue)
  }

  /// The text of a `.metadata.json`.
  func json() throws(BSONError) -> String {
    var builder = BSONBuilder()
    builder.append("options", .document(options))
    builder.append("indexes", .array(BSONArray(indexes.map(BSONValue.document))))
    if let uuid { builder.append("uuid", BSONValue(uuid)) }
    if let collectionName { builder.append("collectionName", BSONValue(collectionName)) }
    builder.append("type", BSONValue(type ?? kind.rawValue))
    return try ExtendedJSON(.canonical).text(of: builder.document)
  }
}
