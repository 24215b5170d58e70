import Postgres
import TestSupport
import Testing

@testable import MigrationPlan

/// Definitions of foreign keys, as the server writes them.
@Suite struct ForeignKeyDefinitionTests {
  @Test(arguments: [
    ("FOREIGN KEY (boss) REFERENCES public.people(id)", ["boss"], ["id"]),
    (
      "FOREIGN KEY (a, b) REFERENCES s.t(c, d) ON DELETE CASCADE DEFERRABLE", ["a", "b"],
      ["c", "d"]
    ),
    (
      #"FOREIGN KEY ("My ""boss"", (odd)") REFERENCES "a.b"."T (x)"("I D") MATCH FULL"#,
      [#"My "boss", (odd)"#], ["I D"]
    ),
    ("FOREIGN KEY (größe) REFERENCES t(id)", ["größe"], ["id"]),
  ]) func columnsAreRead(_ text: String, _ columns: [String], _ referenced: [String]) throws {
    let definition = try #require(ForeignKeyDefinition(text))
    #expect(definition.columns == columns)
    #expect(definition.referencedColumns == referenced)
  }

  @Test(arguments: [
    "", "CHECK (a > 0)", "FOREIGN KEY (a", "FOREIGN KEY () REFERENCES t(id)",
    "FOREIGN KEY (a) REFERENCES t",
    #"FOREIGN KEY ("a) REFERENCES t(id)"#, "FOREIGN KEY (a, b) REFERENCES t(id)",
    "FOREIGN KEY (a) REFERENCES s.(id)",
  ]) func otherTextsAreNone(_ text: String) {
    #expect(ForeignKeyDefinition(text) == nil)
  }

  /// Whatever a column is called, the server's own words are read back.
  @Test func theServersOwnWordsAreRead() throws {
    let database = try TemporaryDatabase("definitions")
    let names = [
      "plain", "Upper", "with space", "a,b", "(x)", "quo\"te", "select", "dot.ted", "ünï",
    ]
    for (number, name) in names.enumerated() {
      let quoted = try SQL.identifier(name)
      let written = try psql(
        database.url,
        """
        create table "t \(number)" (id integer primary key, \(quoted) integer unique);
        alter table "t \(number)" add constraint k foreign key (\(quoted)) references "t \(number)" (\(quoted));
        select pg_get_constraintdef(oid) from pg_constraint where conname = 'k' and conrelid = '"t \(number)"'::regclass
        """)
      #expect(ForeignKeyDefinition(written)?.columns == [name], "\(written)")
      #expect(ForeignKeyDefinition(written)?.referencedColumns == [name], "\(written)")
    }
  }
}
