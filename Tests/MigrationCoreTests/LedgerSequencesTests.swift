import Postgres
import TestSupport
import Testing

@testable import MigrationLedger
@testable import MigrationPlan

@Suite struct LedgerSequencesTests {
  private let fixture: LedgerFixture
  private let sequences: Sequences

  init() throws {
    fixture = try LedgerFixture()
    sequences = Sequences(fixture.ledger)
  }

  private func reset(_ name: String, schema: String = "public") throws -> [SequenceReset] {
    try sequences.reset(QualifiedName(schema: schema, name: name))
  }

  private func next(_ sequence: String) throws -> String {
    try fixture.sql("SELECT nextval(\(SQL.literal(sequence)))")
  }

  @Test func serialIdentityAndDefaultsAreFoundUnderAnyName() throws {
    _ = try fixture.sql(
      """
      CREATE SCHEMA "Odd schema";
      CREATE SEQUENCE public."shared.seq";
      CREATE TABLE "Odd schema"."My ""Odd"" Table" (
        "Id" serial, "select" bigserial, small smallint GENERATED ALWAYS AS IDENTITY,
        n numeric DEFAULT nextval('"shared.seq"'),
        label text DEFAULT 'x' || nextval('"shared.seq"'));
      INSERT INTO "Odd schema"."My ""Odd"" Table" OVERRIDING SYSTEM VALUE
        VALUES (41, 42, 43, 43.5, 'y'), (7, 1, 1, 'NaN', 'y');
      """)
    let results = try reset("My \"Odd\" Table", schema: "Odd schema")
    #expect(results.map(\.outermost) == [41, 42, 43, 44])
    #expect(results.allSatisfy { $0.outcome == .moved })
    #expect(results.map(\.nextAfter) == [42, 43, 44, 45])
    #expect(results.last?.sequence.columns.map(\.name) == ["n"])
    #expect(try next("public.\"shared.seq\"") == "45")
    #expect(try next("\"Odd schema\".\"My \"\"Odd\"\" Table_Id_seq\"") == "42")
    let noted = try fixture.sql("SELECT count(*) FROM migrate.sequence_reset")
    #expect(noted == "4")
  }

  @Test func aSequenceIsNeverMovedBack() throws {
    _ = try fixture.sql(
      """
      CREATE TABLE t (id serial); INSERT INTO t VALUES (5); SELECT setval('t_id_seq', 100);
      CREATE TABLE u (id serial); INSERT INTO u VALUES (5); SELECT setval('u_id_seq', 6, false);
      """)
    #expect(try reset("t").map(\.outcome) == [.alreadyPast])
    #expect(try next("t_id_seq") == "101")
    #expect(try reset("u").map(\.outcome) == [.alreadyPast])
    #expect(try next("u_id_seq") == "6")
  }

  @Test func oneThatWasNeverCalledButGivesTheHighestValueNextIsMoved() throws {
    _ = try fixture.sql("CREATE TABLE t (id serial); INSERT INTO t VALUES (1)")
    let table = QualifiedName(schema: "public", name: "t")
    #expect(try sequences.findBehind(table).map(\.name.name) == ["t_id_seq"])
    let result = try #require(try reset("t").first)
    #expect((result.nextBefore, result.nextAfter) == (1, 2))
    #expect(try sequences.findBehind(table).isEmpty)
    #expect(try next("t_id_seq") == "2")
  }

  @Test func anEmptyTableLeavesItsSequenceAlone() throws {
    _ = try fixture.sql("CREATE TABLE t (id serial)")
    #expect(try reset("t").map(\.outcome) == [.noValues])
    #expect(try next("t_id_seq") == "1")
  }

  @Test func oneThatCountsDownIsMovedDown() throws {
    _ = try fixture.sql(
      """
      CREATE SEQUENCE down INCREMENT -1 START -1;
      CREATE TABLE t (id int DEFAULT nextval('down'));
      INSERT INTO t VALUES (-10), (3);
      """)
    let result = try #require(try reset("t").first)
    #expect((result.outcome, result.outermost) == (.moved, -10))
    #expect(try next("down") == "-11")
    #expect(try reset("t").map(\.outcome) == [.alreadyPast])
  }

  @Test func theStrideIsKept() throws {
    _ = try fixture.sql(
      """
      CREATE SEQUENCE odd INCREMENT 10 START 3;
      CREATE TABLE t (id int DEFAULT nextval('odd')); INSERT INTO t VALUES (44);
      """)
    #expect(try reset("t").map(\.nextAfter) == [63])
    #expect(try next("odd") == "63")
  }

  @Test func aSequenceAtItsEndIsTold() throws {
    _ = try fixture.sql(
      """
      CREATE SEQUENCE small MAXVALUE 100; CREATE TABLE t (id int DEFAULT nextval('small'));
      INSERT INTO t VALUES (100);
      CREATE TABLE big (id bigserial); INSERT INTO big VALUES (9223372036854775807);
      """)
    #expect(try reset("t").map(\.outcome) == [.exhausted])
    #expect(throws: SubprocessFailure.self) { _ = try next("small") }
    #expect(try reset("big").map(\.outcome) == [.exhausted])
    #expect(throws: SubprocessFailure.self) { _ = try next("big_id_seq") }
    _ = try fixture.sql("INSERT INTO t VALUES (5000)")
    #expect(try reset("t").map(\.outcome) == [.exhausted])
  }

  @Test func oneSequenceOfSeveralColumnsPassesThemAll() throws {
    _ = try fixture.sql(
      """
      CREATE SEQUENCE shared;
      CREATE TABLE t (a int DEFAULT nextval('shared'), b bigint DEFAULT nextval('shared'));
      INSERT INTO t VALUES (5, 50), (6, 2);
      """)
    let result = try #require(try reset("t").first)
    #expect(result.outermost == 50)
    #expect(result.sequence.columns.map(\.name) == ["a", "b"])
  }
}
