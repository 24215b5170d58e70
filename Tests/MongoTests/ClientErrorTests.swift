import Mongo
import Testing

@Suite struct ClientErrorTests {
  private func error(
    _ code: MongoErrorCode, _ domain: MongoError.Domain = .server, labels: [String] = []
  ) -> MongoError {
    MongoError(code: code, domain: domain, message: "m", labels: labels, operation: "find a.b")
  }

  @Test(arguments: [
    10107, 13435, 13436, 11600, 11602, 189, 91, 43, 50, 262, 11601, 6, 7, 89, 9001, 246, 237,
  ])
  func transientServerCodes(_ number: UInt32) {
    #expect(error(MongoErrorCode(server: number)).disposition == .transient)
  }

  @Test(arguments: [2, 9, 26, 48, 59, 175, 11000, 10334, 99_999])
  func permanentServerCodes(_ number: UInt32) {
    #expect(error(MongoErrorCode(server: number)).disposition == .permanent)
  }

  @Test(arguments: [13, 18])
  func codesThatNeedAPerson(_ number: UInt32) {
    #expect(error(MongoErrorCode(server: number)).disposition == .needsPerson)
  }

  @Test func driverCodesAndLabels() {
    #expect(error(.socketFailed, .stream).disposition == .transient)
    #expect(error(.serverSelection, .serverSelection).disposition == .transient)
    #expect(error(.clientAuthentication, .client).disposition == .needsPerson)
    #expect(error(.invalidReply, .protocol).disposition == .permanent)
    let unknown = MongoErrorCode(server: 99_999)
    #expect(error(unknown, labels: ["TransientTransactionError"]).disposition == .transient)
  }

  @Test func equalNumbersOfServerAndDriverDiffer() {
    // 11 is UserNotFound at the server, MONGOC_ERROR_CLIENT_AUTHENTICATE in the driver.
    #expect(MongoErrorCode.clientAuthentication.number == 11)
    #expect(MongoErrorCode.clientAuthentication != MongoErrorCode(server: 11))
    #expect(error(MongoErrorCode(server: 11)).disposition == .permanent)
  }

  @Test func keepsUnknownCodesAndNamesKnownOnes() {
    #expect("\(MongoErrorCode(server: 99_999))" == "99999")
    #expect("\(MongoErrorCode.cursorNotFound)" == "CursorNotFound (43)")
    #expect("\(error(.cursorNotFound))" == "find a.b: m [CursorNotFound (43)]")
  }
}
