import MigrationBasics
import Mongo

/// A failure of a source of documents that could be reached before.
///
/// A password that was right then is not wrong now: the driver calls it wrong too if a connection breaks
/// during authentication, as it does when a server is killed.
struct SourceError: Error, CustomStringConvertible {
  let code: ErrorCode
  /// Whether it may work when tried again.
  let isTransient: Bool
  let description: String
  /// One word for programs.
  let reason: String?

  init(_ error: MongoError) {
    isTransient =
      error.disposition == .transient
      || [.clientAuthentication, .authenticationFailed].contains(error.code)
    description = error.description
    reason = error.code.name
    switch error.code {
    case .exceededTimeLimit, .exceededTimeLimitOfOperation, .networkTimeout: code = .timeout
    case .namespaceNotFound, .commandNotFound, .commandNotSupportedOnView: code = .schema
    case .invalidReply: code = .corruption
    default: code = .connection
    }
  }

  init(_ error: MongoConnectionError) {
    (code, isTransient) = (.connection, error.isTransient || error.kind == .authentication)
    (description, reason) = (error.description, error.kind.rawValue)
  }

  init(_ error: BSONError, in place: String) {
    (code, isTransient, reason) = (.corruption, false, error.code.rawValue)
    description = "\(place): a document is damaged: \(error)"
  }

  init(_ error: DumpError) {
    (code, isTransient, reason) = (.corruption, false, error.code.rawValue)
    description = error.description
  }

  /// Turns the errors of MongoDB clients and dumps into this one; others go through as they are.
  static func wrapping<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as MongoError {
      throw SourceError(error)
    } catch let error as BSONError {
      throw SourceError(error, in: place)
    } catch let error as DumpError {
      throw SourceError(error)
    }
  }
}
