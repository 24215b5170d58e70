import Mongo
import Testing

@testable import MigrationEngine

/// Which failures of a source that was reached before are worth another try.
@Suite struct SourceErrorTests {
  /// The driver reports a connection that breaks during authentication like a wrong password.
  @Test func aPasswordThatWasRightIsTriedAgain() {
    #expect(SourceError(MongoConnectionError(.authentication, place: "a", detail: "b")).isTransient)
    for code in [MongoErrorCode.clientAuthentication, .authenticationFailed] {
      #expect(
        SourceError(MongoError(code: code, domain: .client, message: "", operation: "find"))
          .isTransient)
    }
  }

  @Test func whatSomebodyHasToMendIsNot() {
    #expect(!SourceError(MongoConnectionError(.notAuthorized, place: "a", detail: "b")).isTransient)
    #expect(
      !SourceError(MongoError(code: .unauthorized, domain: .server, message: "", operation: "find"))
        .isTransient)
  }
}
