/// A five-character error code of the SQL standard and PostgreSQL, such as `23505`.
///
/// The type is open: a code that is not named here, from a newer server or a
/// trigger, is carried unchanged. See
/// https://www.postgresql.org/docs/current/errcodes-appendix.html
public struct SQLState: Hashable, Sendable, CustomStringConvertible {
  /// The five characters.
  public let code: String

  /// Wraps a code as the server sent it.
  public init(_ code: String) { self.code = code }

  /// Returns the first two characters, which name the class of the condition.
  public var sqlClass: String { String(code.prefix(2)) }

  public var description: String { code }
}

extension SQLState {
  public static let connectionException = SQLState("08000")
  public static let connectionFailure = SQLState("08006")
  public static let protocolViolation = SQLState("08P01")

  public static let stringDataRightTruncation = SQLState("22001")
  public static let numericValueOutOfRange = SQLState("22003")
  public static let datetimeFieldOverflow = SQLState("22008")
  public static let divisionByZero = SQLState("22012")
  public static let characterNotInRepertoire = SQLState("22021")
  public static let invalidParameterValue = SQLState("22023")
  public static let invalidTextRepresentation = SQLState("22P02")
  public static let invalidBinaryRepresentation = SQLState("22P03")
  public static let badCopyFileFormat = SQLState("22P04")
  public static let untranslatableCharacter = SQLState("22P05")

  public static let notNullViolation = SQLState("23502")
  public static let foreignKeyViolation = SQLState("23503")
  public static let uniqueViolation = SQLState("23505")
  public static let checkViolation = SQLState("23514")
  public static let exclusionViolation = SQLState("23P01")

  public static let activeTransaction = SQLState("25001")
  public static let readOnlyTransaction = SQLState("25006")
  public static let inFailedTransaction = SQLState("25P02")
  public static let idleInTransactionTimeout = SQLState("25P03")

  public static let invalidAuthorization = SQLState("28000")
  public static let invalidPassword = SQLState("28P01")
  public static let dependentObjectsExist = SQLState("2BP01")
  public static let databaseMissing = SQLState("3D000")
  public static let schemaMissing = SQLState("3F000")

  public static let serializationFailure = SQLState("40001")
  public static let deadlockDetected = SQLState("40P01")

  public static let syntaxError = SQLState("42601")
  public static let insufficientPrivilege = SQLState("42501")
  public static let undefinedColumn = SQLState("42703")
  public static let undefinedObject = SQLState("42704")
  public static let undefinedTable = SQLState("42P01")
  public static let duplicateTable = SQLState("42P07")

  public static let diskFull = SQLState("53100")
  public static let outOfMemory = SQLState("53200")
  public static let tooManyConnections = SQLState("53300")
  public static let objectNotReady = SQLState("55000")
  public static let objectInUse = SQLState("55006")
  public static let lockNotAvailable = SQLState("55P03")
  public static let queryCanceled = SQLState("57014")
  public static let adminShutdown = SQLState("57P01")
  public static let crashShutdown = SQLState("57P02")
  public static let cannotConnectNow = SQLState("57P03")
  public static let raisedException = SQLState("P0001")
  public static let internalError = SQLState("XX000")
}
