import Foundation
import MigrationCore
import TestSupport
import Testing

/// A source of which no member is the one that `readPreference` asks for.
@Suite struct ReadPreferenceEndToEndTests {
  @Test func itIsSaidQuicklyByEveryCommandThatReads() throws {
    let fixture = try DocumentsFixture(
      tables: #"{ a: { from: "a", columns: { id: { id: "a", from: "_id" } } } }"#,
      targetSQL: "create table a (id uuid primary key)")
    try fixture.insert("a", [["n": 1]])
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = fixture.mongoURL + "&readPreference=secondary"
    for (line, code) in [("test-connections", 3), ("run --all", 3), ("plan check", 3)] {
      let started = ContinuousClock.now
      let said = try migrate(line)
      #expect(said.exitCode == Int32(code), "\(line): \(said)")
      let text = said.output + said.errors
      #expect(
        text.contains("readPreference=secondary") && text.contains("is the primary"), "\(text)")
      #expect(!text.contains("there is no primary"), "\(text)")
      #expect(ContinuousClock.now - started < .seconds(20))
    }
    migrate.environment["MONGODB_URL"] = fixture.mongoURL + "&readPreference=secondaryPreferred"
    #expect(try migrate("run --all").exitCode == 0)
    #expect(try fixture.query("select count(*) from a") == "1")
  }
}
