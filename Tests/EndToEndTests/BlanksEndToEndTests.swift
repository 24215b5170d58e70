import Foundation
import MigrationCore
import TestSupport
import Testing

/// Blanks at the end of texts.
@Suite struct BlanksEndToEndTests {
  private static let source = """
    create table old_items (id int primary key, a bpchar, b bpchar, c char(5), d text);
    insert into old_items values (1, 'a  ', 'b  ', 'c', 'd  '), (2, '  ', '', '', '   '), (3, 'a', 'b', 'c', 'd');
    """

  private func fixture(_ columns: String, _ types: String) throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", columns: { id: "id", \(columns) },
            ignore: ["a", "b", "c", "d"] } }
        """,
      sourceSQL: Self.source, targetSQL: "create table items (id int primary key, \(types))")
  }

  /// What the server stores of a column in a row, blanks included.
  private func stored(_ fixture: TablesFixture, _ column: String, _ row: Int) throws -> String {
    try fixture.query("select '[' || concat(\(column)) || ']' from items where id = \(row)")
  }

  /// `bpchar` without a length stores its blanks.
  @Test(arguments: ["", ", e inet"]) func blanksOfABpcharAreKept(_ further: String) throws {
    let fixture = try fixture(
      "a: \"a\", b: \"b\", c: \"c\", d: \"d\"" + (further.isEmpty ? "" : ", e: { value: \"::1\" }"),
      "a bpchar, b text, c char(5), d bpchar" + further)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(try stored(fixture, "a", 1) == "[a  ]")
    #expect(try stored(fixture, "b", 1) == "[b  ]")
    #expect(try stored(fixture, "c", 1) == "[c    ]")
    #expect(try stored(fixture, "d", 1) == "[d  ]")
    #expect(try stored(fixture, "a", 2) == "[  ]")
    #expect(try stored(fixture, "d", 2) == "[   ]")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")

    // The server takes values for equal that differ in their blanks; a validation does not.
    try psql(fixture.target.url, "update items set a = 'a' where id = 1")
    let changed = try fixture.migrate.json("validate --samples all")
    #expect(changed.exitCode == 4)
    #expect(
      changed.document["sampleRecordValidation"]?["fieldMismatches"]?[0]?["column"] == "a",
      "\(changed.document.pretty)")
  }

  /// A column that has more done to it goes without its blanks, as the server's own cast has it.
  @Test func blanksThatAreDroppedAreTold() throws {
    let fixture = try fixture(
      "a: { concat: [\"a\", \"d\"], separator: \"-\" }, b: \"a\"", "a text, b text")
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 0)
    #expect(
      check.output.contains("old_items.a is bpchar without a length; trailing blanks"),
      "\(check.output)")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try stored(fixture, "b", 1) == "[a]")
  }
}
