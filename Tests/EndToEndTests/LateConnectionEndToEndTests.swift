import Foundation
import Testing

/// A connection that comes too late is given up, and continues without a waiting caller.
@Suite struct LateConnectionEndToEndTests {
  @Test func endingInTheMiddleOfItIsNoCrash() throws {
    var migrate = try Migrate()
    migrate.environment["MONGODB_URL"] = ProcessInfo.processInfo.environment["MONGODB_URL"]
    var late = 0
    for milliseconds in 1...30 {
      migrate.environment["DATABASE_CONNECTION_TIMEOUT"] = "\(milliseconds % 10 + 1)"
      let finished = try migrate("test-connections")
      #expect([0, 3].contains(finished.exitCode), "\(finished.errors)")
      if finished.exitCode == 3 { late += 1 }
    }
    #expect(late > 0, "no time was too short: nothing was tested")
  }
}
