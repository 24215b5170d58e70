/// How a `find` or an aggregation is to be done; what is left nil is left to the server.
public struct FindOptions: Sendable {
  public var projection: BSONDocument?
  public var sort: BSONDocument?
  /// The index to use, by its keys.
  public var hint: BSONDocument?
  /// The lower bound of the index in `hint`, included.
  public var minimum: BSONDocument?
  /// The upper bound of the index in `hint`, not included.
  public var maximum: BSONDocument?
  public var limit: Int64?
  public var skip: Int64?
  /// How many documents the server sends at once; it never sends more than 16 MiB.
  public var batchSize: Int32?
  /// Whether the cursor lives longer than ten idle minutes; it ends with its session, after thirty.
  public var noCursorTimeout = false
  /// How long the server may work on each batch.
  public var maxTime: Duration?
  /// Nil takes the URL's.
  public var readPreference: ReadPreference?
  /// Nil takes the URL's.
  public var readConcern: ReadConcern?
  /// Reads the data as of this moment, with the read concern `snapshot`; needs MongoDB 5.0.
  public var atClusterTime: BSONTimestamp?
  public var allowDiskUse: Bool?
  /// A remark that shows in the server's log and in `currentOp`.
  public var comment: String?

  public init(batchSize: Int32? = nil, sort: BSONDocument? = nil, hint: BSONDocument? = nil) {
    self.batchSize = batchSize
    self.sort = sort
    self.hint = hint
  }

  /// Appends what only `find` knows.
  func appendFind(to command: inout BSONBuilder) {
    command.append("projection", projection)
    command.append("sort", sort)
    command.append("hint", hint)
    command.append("min", minimum)
    command.append("max", maximum)
    if let limit { command.append("limit", .int64(limit)) }
    if let skip { command.append("skip", .int64(skip)) }
    if let batchSize { command.append("batchSize", .int32(batchSize)) }
    if noCursorTimeout { command.append("noCursorTimeout", true) }
  }

  /// Appends what only `aggregate` knows.
  func appendAggregate(to command: inout BSONBuilder) {
    let batch = batchSize.map { BSONDocument([("batchSize", .int32($0))]) }
    command.append("cursor", batch ?? BSONDocument())
    command.append("hint", hint)
  }

  /// Appends what both know.
  func appendCommon(to command: inout BSONBuilder, default concern: ReadConcern?) {
    if let maxTime { command.append("maxTimeMS", .int32(maxTime.wholeMilliseconds)) }
    if let allowDiskUse { command.append("allowDiskUse", .bool(allowDiskUse)) }
    if let comment { command.append("comment", BSONValue(comment)) }
    command.append("readConcern", readConcernDocument(default: concern))
  }

  private func readConcernDocument(default concern: ReadConcern?) -> BSONDocument? {
    if let atClusterTime {
      return ["level": "snapshot", "atClusterTime": .timestamp(atClusterTime)]
    }
    return (readConcern ?? concern).map { ["level": BSONValue($0.rawValue)] }
  }
}

extension BSONBuilder {
  mutating func append(_ key: String, _ document: BSONDocument?) {
    if let document { append(key, .document(document)) }
  }
}
