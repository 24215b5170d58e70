import Foundation
import MigrationCore
import TestSupport
import Testing

/// Texts whose collation takes different ones for equal.
@Suite struct CollationEndToEndTests {
  /// The server has no regular expressions and no LIKE for such a column.
  @Test func textsOfANondeterministicCollationAreMovedAndValidated() throws {
    let collation =
      "create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "code", columns: {
            code: "code", name: { from: "name", trim: true, oneOf: ["One", "two"] }, other: "other" } } }
        """,
      sourceSQL: collation + """
        create table old_items (code text collate caseless primary key, name text collate caseless,
          other text);
        insert into old_items values ('A', 'One', 'x'), ('b', 'two', 'y'), ('C', 'One ', E'z\\x01');
        """,
      targetSQL: collation + """
        create table items (code text collate caseless primary key, name text collate caseless, other text)
        """)
    let profile = try fixture.migrate("plan profile")
    #expect(profile.exitCode == 0, "\(profile.output) \(profile.errors)")
    let run = try fixture.migrate("run --batch-size 1")
    #expect(run.exitCode == 0, "\(run.errors)")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
    #expect(validation.output.contains("control characters"), "\(validation.output)")

    try psql(fixture.target.url, "update items set name = 'ONE' where code = 'A'")
    let changed = try fixture.migrate.json("validate --samples all")
    #expect(changed.exitCode == 4)
    #expect(
      changed.document["sampleRecordValidation"]?["fieldMismatches"]?[0]?["found"] == "ONE",
      "\(changed.document.pretty)")
  }
}
