import Foundation
import MigrationCore
import TestSupport
import Testing

/// Messages between program and server whose length is damaged on the way, after which each waits for the other.
@Suite struct StandstillEndToEndTests {
  /// Of one migration the rows that are sent to the target, of another those that come from the source.
  @Test func aMigrationGoesOnAfterAStandstill() throws {
    let source = try Undisturbed.source.get()
    let running = try [true, false].map { isTarget in
      let target = try TemporaryDatabase("standstill")
      let port = try #require(URLComponents(string: target.url)?.port)
      let proxy = try DamagingProxy(to: UInt16(port))
      var migrate = try Undisturbed.prepared(
        source: isTarget ? source.url : proxy.url(source.url),
        target: isTarget ? proxy.url(target.url) : target.url)
      migrate.environment["MIGRATION_BATCH_SIZE"] = "4000"
      let prepared = try migrate("db migrate")
      #expect(prepared.exitCode == 0, "\(prepared.errors)")
      proxy.strike(.init(isTarget ? .toServer : .fromServer, "d", extra: 1 << 24))
      return (proxy, target, migrate, try BackgroundRun(migrate, "run customers"))
    }
    let expected = try Undisturbed.expected.get()
    for (proxy, target, migrate, run) in running {
      #expect(run.end(within: .seconds(120)) == 5, "\(run.errors)")
      #expect(proxy.hasStruck)
      #expect(run.errors.contains("waited for each other"), "\(run.errors)")
      let found = try Undisturbed.contents(of: target.url, migrate)
      #expect(found["customers"] == expected["customers"])
    }
  }
}
