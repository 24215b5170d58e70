import CMongoDriver

/// The number that says what went wrong, and who gave it: the server or the driver.
///
/// It is open: a code of a newer server keeps its number.
public struct MongoErrorCode: Hashable, Sendable, CustomStringConvertible {
  public enum Origin: Sendable, Hashable { case server, driver }

  public let origin: Origin
  public let number: UInt32

  public init(server number: UInt32) { (origin, self.number) = (.server, number) }
  init(driver code: mongoc_error_code_t) { (origin, number) = (.driver, code.rawValue) }
  init(driver number: UInt32) { (origin, self.number) = (.driver, number) }

  public static let hostUnreachable = Self(server: 6)
  public static let hostNotFound = Self(server: 7)
  public static let unauthorized = Self(server: 13)
  public static let authenticationFailed = Self(server: 18)
  public static let namespaceNotFound = Self(server: 26)
  public static let cursorNotFound = Self(server: 43)
  public static let namespaceExists = Self(server: 48)
  public static let exceededTimeLimit = Self(server: 50)
  public static let commandNotFound = Self(server: 59)
  public static let writeConcernFailed = Self(server: 64)
  public static let networkTimeout = Self(server: 89)
  public static let shutdownInProgress = Self(server: 91)
  public static let commandNotSupportedOnView = Self(server: 166)
  public static let queryPlanKilled = Self(server: 175)
  public static let primarySteppedDown = Self(server: 189)
  public static let cursorKilled = Self(server: 237)
  public static let snapshotUnavailable = Self(server: 246)
  public static let exceededTimeLimitOfOperation = Self(server: 262)
  public static let socketException = Self(server: 9001)
  public static let notWritablePrimary = Self(server: 10107)
  public static let objectTooLarge = Self(server: 10334)
  public static let duplicateKey = Self(server: 11000)
  public static let interruptedAtShutdown = Self(server: 11600)
  public static let interrupted = Self(server: 11601)
  public static let interruptedDueToStateChange = Self(server: 11602)
  public static let notPrimaryNoSecondaryOk = Self(server: 13435)
  public static let notPrimaryOrSecondary = Self(server: 13436)

  public static let nameNotResolved = Self(driver: MONGOC_ERROR_STREAM_NAME_RESOLUTION)
  public static let socketFailed = Self(driver: MONGOC_ERROR_STREAM_SOCKET)
  public static let notConnected = Self(driver: MONGOC_ERROR_STREAM_NOT_ESTABLISHED)
  public static let connectFailed = Self(driver: MONGOC_ERROR_STREAM_CONNECT)
  public static let clientAuthentication = Self(driver: MONGOC_ERROR_CLIENT_AUTHENTICATE)
  public static let serverSelection = Self(driver: MONGOC_ERROR_SERVER_SELECTION_FAILURE)
  public static let wireVersion = Self(driver: MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION)
  public static let invalidReply = Self(driver: MONGOC_ERROR_PROTOCOL_INVALID_REPLY)
  public static let invalidArgument = Self(driver: MONGOC_ERROR_COMMAND_INVALID_ARG)

  public var description: String {
    let number = origin == .server ? "\(number)" : "driver \(number)"
    return name.map { "\($0) (\(number))" } ?? number
  }

  /// The name of the code in MongoDB's own list, or in the driver's headers.
  public var name: String? { Self.names[self] }

  private static let names: [MongoErrorCode: String] = [
    .hostUnreachable: "HostUnreachable", .hostNotFound: "HostNotFound",
    .unauthorized: "Unauthorized", .authenticationFailed: "AuthenticationFailed",
    .namespaceNotFound: "NamespaceNotFound", .cursorNotFound: "CursorNotFound",
    .namespaceExists: "NamespaceExists", .exceededTimeLimit: "MaxTimeMSExpired",
    .commandNotFound: "CommandNotFound", .writeConcernFailed: "WriteConcernFailed",
    .networkTimeout: "NetworkTimeout", .shutdownInProgress: "ShutdownInProgress",
    .commandNotSupportedOnView: "CommandNotSupportedOnView",
    .queryPlanKilled: "QueryPlanKilled", .primarySteppedDown: "PrimarySteppedDown",
    .cursorKilled: "CursorKilled", .snapshotUnavailable: "SnapshotUnavailable",
    .exceededTimeLimitOfOperation: "ExceededTimeLimit", .socketException: "SocketException",
    .notWritablePrimary: "NotWritablePrimary", .objectTooLarge: "BSONObjectTooLarge",
    .duplicateKey: "DuplicateKey", .interruptedAtShutdown: "InterruptedAtShutdown",
    .interrupted: "Interrupted",
    .interruptedDueToStateChange: "InterruptedDueToReplStateChange",
    .notPrimaryNoSecondaryOk: "NotPrimaryNoSecondaryOk",
    .notPrimaryOrSecondary: "NotPrimaryOrSecondary",
    .nameNotResolved: "MONGOC_ERROR_STREAM_NAME_RESOLUTION",
    .socketFailed: "MONGOC_ERROR_STREAM_SOCKET",
    .notConnected: "MONGOC_ERROR_STREAM_NOT_ESTABLISHED",
    .connectFailed: "MONGOC_ERROR_STREAM_CONNECT",
    .clientAuthentication: "MONGOC_ERROR_CLIENT_AUTHENTICATE",
    .serverSelection: "MONGOC_ERROR_SERVER_SELECTION_FAILURE",
    .wireVersion: "MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION",
    .invalidReply: "MONGOC_ERROR_PROTOCOL_INVALID_REPLY",
    .invalidArgument: "MONGOC_ERROR_COMMAND_INVALID_ARG",
  ]
}
