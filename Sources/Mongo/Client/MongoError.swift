import CMongoDriver

/// A failure of an operation on a connected client.
public struct MongoError: Error, Sendable, Hashable, CustomStringConvertible {
  public let code: MongoErrorCode
  /// The part of the driver that reports it (`MONGOC_ERROR_*`, the domain).
  public let domain: Domain
  /// What the server or the driver says, for people; never used to decide anything.
  public let message: String
  /// The labels that the server or driver attached, such as `TransientTransactionError`.
  public let labels: [String]
  /// The server that answered, as `host:port`, when it is known.
  public let server: String?
  /// What was attempted, for example `find nextcrm.customers`.
  public let operation: String

  /// The part of the driver that an error comes from; open, like the driver's own list.
  public struct Domain: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ domain: mongoc_error_domain_t) { rawValue = domain.rawValue }

    public static let client = Self(MONGOC_ERROR_CLIENT)
    public static let stream = Self(MONGOC_ERROR_STREAM)
    public static let `protocol` = Self(MONGOC_ERROR_PROTOCOL)
    public static let cursor = Self(MONGOC_ERROR_CURSOR)
    public static let bson = Self(MONGOC_ERROR_BSON)
    public static let command = Self(MONGOC_ERROR_COMMAND)
    public static let serverSelection = Self(MONGOC_ERROR_SERVER_SELECTION)
    public static let writeConcern = Self(MONGOC_ERROR_WRITE_CONCERN)
    public static let server = Self(MONGOC_ERROR_SERVER)
  }

  public init(
    code: MongoErrorCode, domain: Domain, message: String, labels: [String] = [],
    server: String? = nil, operation: String
  ) {
    self.code = code
    self.domain = domain
    self.message = message
    self.labels = labels
    self.server = server
    self.operation = operation
  }

  public var description: String {
    let place = server.map { " on \($0)" } ?? ""
    return "\(operation)\(place): \(message) [\(code)]"
  }

  /// Copies what the driver reported.
  init(
    _ error: bson_error_t, labels: [String] = [], server: String? = nil, operation: String
  ) {
    let domain = Domain(rawValue: error.domain)
    let isServers = domain == .server || domain == .writeConcern
    self.init(
      code: isServers
        ? MongoErrorCode(server: error.code) : MongoErrorCode(driver: error.code),
      domain: domain, message: Self.text(of: error), labels: labels, server: server,
      operation: operation)
  }

  static func damagedReply(_ what: String, operation: String) -> MongoError {
    MongoError(
      code: .invalidReply, domain: .protocol, message: "the reply is damaged: \(what)",
      operation: operation)
  }

  /// Copies the message out of the driver's fixed buffer.
  static func text(of error: bson_error_t) -> String {
    withUnsafeBytes(of: error.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
