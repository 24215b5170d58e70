import Foundation
import TestSupport
import Testing

/// A value of the source gives no orders to a terminal, and forges no line.
@Suite struct ControlCharactersEndToEndTests {
  @Test func valuesAreShownWithTheirControlCharactersVisible() throws {
    let fixture = try TablesFixture(
      tables:
        #"{ a: { from: "a", key: "id", columns: { id: "id", v: { from: "v", trim: true }, n: "v" } } }"#,
      sourceSQL: """
        create table a (id integer primary key, v text);
        insert into a values (1, E'x\\u001b[31m\\u202e\\u0007\\r\\n[ok] forged\\u0085');
        """,
      targetSQL: "create table a (id integer primary key, v text, n varchar(3));")
    #expect(try fixture.migrate("run").exitCode == 5)
    for line in [
      "plan explain a", "trace --table a --key 1", "errors", "errors --details",
      "errors --patterns",
    ] {
      let said = try fixture.migrate(line)
      for scalar in ["\u{1B}", "\u{202E}", "\u{7}", "\r", "\u{85}", "\n[ok]"] {
        #expect(!said.output.contains(scalar), "\(line): \(said.output)")
      }
    }
    let explained = try fixture.migrate("plan explain a").output
    #expect(explained.contains(#"x\u{1B}[31m\u{202E}\u{7}\u{D}\u{A}[ok] forged"#), "\(explained)")
  }
}
