import MigrationBasics
import Mongo

/// Failures of MongoDB clients and of dumps.
///
/// A password that was right then is not wrong now: the driver calls it wrong too if a connection breaks
/// during authentication, as it does when a server is killed.
extension SourceError {
  init(_ error: MongoError) {
    let code: ErrorCode =
      switch error.code {
      case .exceededTimeLimit, .exceededTimeLimitOfOperation, .networkTimeout: .timeout
      case .namespaceNotFound, .commandNotFound, .commandNotSupportedOnView: .schema
      case .invalidReply: .corruption
      default: .connection
      }
    self.init(
      code, error.description,
      isTransient: error.disposition == .transient
        || [.clientAuthentication, .authenticationFailed].contains(error.code),
      reason: error.code.name)
  }

  init(_ error: MongoConnectionError) {
    self.init(
      .connection, error.description,
      isTransient: error.isTransient || error.kind == .authentication,
      reason: error.kind.rawValue)
  }

  init(_ error: BSONError, in place: String) {
    self.init(
      .corruption, "\(place): a document is damaged: \(error)", isTransient: false,
      reason: error.code.rawValue)
  }

  init(_ error: DumpError) {
    self.init(
      .corruption, error.description, isTransient: false, reason: error.code.rawValue)
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
