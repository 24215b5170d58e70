import Testing

@testable import MigrationBasics
@testable import MigrationEngine

@Suite("Schema files as text")
struct SchemaTextTests {
  private func texts(_ sql: String) -> [String] { SQLSplitter.split(sql).map(\.text) }

  @Test(arguments: [
    ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
    ("-- a; b\nSELECT 1 /* ; /* ; */ ; */ + 1;", ["SELECT 1 /* ; /* ; */ ; */ + 1"]),
    ("SELECT 'a;''b;', \"c;\"\"d\"; SELECT 2", ["SELECT 'a;''b;', \"c;\"\"d\"", "SELECT 2"]),
    (
      #"SELECT E'it\';s'; SELECT '\'; SELECT 3"#,
      [#"SELECT E'it\';s'"#, #"SELECT '\'"#, "SELECT 3"]
    ),
    ("DO $$ BEGIN x; END $$; SELECT 2", ["DO $$ BEGIN x; END $$", "SELECT 2"]),
    ("DO $a$ ; $$ ; $b$ $a$; SELECT $1", ["DO $a$ ; $$ ; $b$ $a$", "SELECT $1"]),
    (
      "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
      ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"]
    ),
    (
      "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 4",
      [
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
        "SELECT 4",
      ]
    ),
    ("SELECT a$b, c$d; SELECT 2", ["SELECT a$b, c$d", "SELECT 2"]),
    (";;  ; \n", []), ("", []), ("-- only a comment", []), ("SELECT 'open", ["SELECT 'open"]),
    ("SELECT $tag$ open; SELECT 2", ["SELECT $tag$ open; SELECT 2"]),
    ("SELECT /* open; SELECT 2", ["SELECT /* open; SELECT 2"]),
    ("SELECT 'žluťoučký; kůň'; SELECT 'é'", ["SELECT 'žluťoučký; kůň'", "SELECT 'é'"]),
  ])
  func partsStatements(sql: String, expected: [String]) { #expect(texts(sql) == expected) }

  @Test func knowsTheLineOfStatementsAndPositions() {
    let statements = SQLSplitter.split("-- one\n\nSELECT 1;\n/* x\n */ SELECT\n  é,\n  oops;")
    #expect(statements.map(\.line) == [3, 5])
    #expect(statements[1].line(atPosition: nil) == 5)
    #expect(statements[1].line(atPosition: 1) == 5)
    #expect(statements[1].line(atPosition: 10) == 6)
    #expect(statements[1].line(atPosition: 15) == 7)
  }

  @Test(arguments: [
    ("BEGIN", true), ("begin;", true), ("START TRANSACTION", true), ("COMMIT", true), ("END", true),
    ("ROLLBACK", true), ("ROLLBACK TO SAVEPOINT a", false), ("SAVEPOINT a", false),
    ("PREPARE TRANSACTION 'x'", true), ("PREPARE x AS SELECT 1", false),
    ("DO $$ BEGIN END $$", false), ("SELECT 'COMMIT'", false), ("ABORT", true),
  ])
  func recognisesTransactionControl(sql: String, controls: Bool) {
    #expect(SQLSplitter.split(sql).first?.controlsTransaction == controls)
  }

  @Test(arguments: [
    ("CREATE INDEX CONCURRENTLY a ON b (c)", "CREATE INDEX a ON b (c)"),
    (
      "CREATE UNIQUE INDEX  concurrently IF NOT EXISTS a ON b (c)",
      "CREATE UNIQUE INDEX  IF NOT EXISTS a ON b (c)"
    ),
    ("CREATE INDEX \"CONCURRENTLY\" ON b (c)", "CREATE INDEX \"CONCURRENTLY\" ON b (c)"),
    ("DROP INDEX CONCURRENTLY a", "DROP INDEX a"),
    ("SELECT concurrently", "SELECT concurrently"),
  ])
  func takesConcurrentlyOut(sql: String, expected: String) {
    let words = SQLSplitter.split(sql).first?.withoutConcurrently.split(separator: " ")
    #expect(words == expected.split(separator: " "))
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func digestsTheKnownVectors(text: String, digest: String) {
    #expect(SHA256.hexadecimal(of: text.utf8) == digest)
  }
}
