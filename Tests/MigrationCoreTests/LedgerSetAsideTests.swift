import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger
@testable import MigrationPlan

@Suite struct LedgerSetAsideTests {
  private let database: TemporaryDatabase
  private let ledger: Ledger

  init() throws {
    database = try TemporaryDatabase("aside")
    ledger = try Ledger(LedgerFixture.connect(database))
    try ledger.install()
  }

  private func sql(_ text: String) throws -> String {
    try psql(database.url, "SET search_path = public; " + text)
  }

  private func table(_ name: String) -> QualifiedName {
    QualifiedName(schema: "public", name: name)
  }

  @Test func everythingComesBackAsItWas() throws {
    _ = try sql(OddCatalog.sql)
    let before = try OddCatalog.snapshot(database.url)
    let outcome = try SuspendedObjects(ledger).setAside(OddCatalog.table, OddCatalog.all)
    #expect(outcome.kept.map(\.name) == ["no_overlap"])
    #expect(outcome.kept.first?.reason == .notAttachable)
    let left = try sql(
      """
      SELECT count(*) FROM pg_indexes WHERE schemaname = 'Odd schema' AND tablename LIKE 'Main%';
      SELECT count(*) FROM pg_constraint c WHERE contype IN ('f', 'p', 'u')
        AND '"Odd schema"."Main ""Big"" Table"'::regclass IN (c.conrelid, c.confrelid);
      """)
    #expect(left == "1\n0")
    #expect(try SuspendedObjects(ledger).pendingRestores().count == outcome.objects.count)
    // Another search path at restoring must not change what names mean.
    try ledger.connection.execute("SET search_path = pg_temp; SET default_tablespace = ''")
    let restored = try Restoration(maintenanceMemory: "64MB").work(through: ledger)
    try restored.requireSuccess()
    #expect(restored.restored.count == outcome.objects.count)
    let changes = try OddCatalog.changes(database.url, since: before)
    #expect(changes == [])
    #expect(try SuspendedObjects(ledger).pendingRestores().isEmpty)
    #expect(try SuspendedObjects(ledger).history().count == outcome.objects.count)
  }

  @Test func theUsualChoiceLeavesEverythingThatEnforcesUniqueness() throws {
    _ = try sql(OddCatalog.sql)
    let survey = try SuspendedObjects(ledger).survey(OddCatalog.table)
    let names = Set(survey.objects.map(\.name))
    #expect(names.contains("ix_partial") && names.contains("fk other") && names.contains("fk in"))
    #expect(names.isDisjoint(with: ["the pk", "uq.dots", "ux_plain", "uq_deferred"]))
    #expect(try SuspendedObjects(ledger).pendingRestores().isEmpty)
  }

  @Test func severalConnectionsRestoreTogether() throws {
    _ = try sql(OddCatalog.sql)
    let before = try OddCatalog.snapshot(database.url)
    let objects = try SuspendedObjects(ledger).setAside(OddCatalog.table, OddCatalog.all).objects
    let restoration = Restoration()
    let lanes = try (0..<4).map { _ in try Ledger(LedgerFixture.connect(database)) }
    DispatchQueue.concurrentPerform(iterations: lanes.count) { lane in
      do { try restoration.work(through: lanes[lane]) } catch { Issue.record(error) }
    }
    try restoration.outcome.requireSuccess()
    #expect(restoration.outcome.restored.count == objects.count)
    let changes = try OddCatalog.changes(database.url, since: before)
    #expect(changes == [])
  }

  @Test func theIndexesOfATableCanComeBackBeforeItsForeignKeys() throws {
    _ = try sql(OddCatalog.sql)
    _ = try SuspendedObjects(ledger).setAside(OddCatalog.table, OddCatalog.all)
    let indexes = Restoration(scope: .indexes(of: OddCatalog.table))
    try indexes.work(through: ledger).requireSuccess()
    let pending = try SuspendedObjects(ledger).pendingRestores()
    #expect(Set(pending.map(\.kind)) == [.foreignKey])
    #expect(pending.count == 6)
  }

  @Test func whatAViewOrAForeignKeyNeedsStays() throws {
    _ = try sql(
      """
      CREATE TABLE t (id int PRIMARY KEY, n int, code int);
      CREATE UNIQUE INDEX t_code ON t (code);
      CREATE TABLE u (code int CONSTRAINT u_fk REFERENCES t (code));
      CREATE VIEW v AS SELECT id, n FROM t GROUP BY id;
      """)
    let kept = try SuspendedObjects(ledger).setAside(
      table("t"), [.primaryKey, .uniqueness]
    ).kept
    #expect(kept.map(\.name) == ["t_code", "t_pkey"])
    #expect(kept.allSatisfy { if case .neededBy = $0.reason { true } else { false } })
    let both = try SuspendedObjects(ledger).survey(table("t"), [.uniqueness, .incomingForeignKeys])
    #expect(both.objects.map(\.name) == ["u_fk", "t_code"])
  }

  @Test func partitionsInvalidIndexesAndChangedTriggersStay() throws {
    _ = try sql(
      """
      CREATE TABLE parent (id int, k int) PARTITION BY RANGE (id);
      CREATE TABLE part PARTITION OF parent FOR VALUES FROM (0) TO (10);
      CREATE INDEX part_ix ON parent (k);
      CREATE TABLE t (id int PRIMARY KEY);
      CREATE TABLE u (id int CONSTRAINT u_fk REFERENCES t);
      ALTER TABLE u DISABLE TRIGGER ALL;
      CREATE TABLE w (a int); INSERT INTO w VALUES (1), (1);
      """)
    // A failed concurrent build leaves an invalid index behind.
    _ = try? sql("CREATE UNIQUE INDEX CONCURRENTLY w_broken ON w (a)")
    let aside = SuspendedObjects(ledger)
    #expect(try aside.survey(table("part")).kept.map(\.reason) == [.partitioned])
    #expect(try aside.survey(table("parent")).kept.map(\.reason) == [.partitioned])
    #expect(try aside.survey(table("u")).kept.map(\.reason) == [.triggersChanged])
    #expect(try aside.survey(table("w"), .uniqueness).kept.map(\.reason) == [.invalidIndex])
    #expect(ledgerCode { _ = try aside.survey(table("none")) } == .unknown)
  }

  @Test func anotherOwnersTableStays() throws {
    let role = "owner_\(database.name)"
    _ = try sql(
      """
      CREATE ROLE "\(role)";
      CREATE TABLE t (id int); CREATE INDEX t_ix ON t (id);
      GRANT ALL ON ALL TABLES IN SCHEMA migrate TO "\(role)";
      GRANT ALL ON SCHEMA migrate TO "\(role)";
      """)
    defer { _ = try? sql("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"") }
    try ledger.connection.execute("SET ROLE \"\(role)\"")
    #expect(try SuspendedObjects(ledger).survey(table("t")).kept.map(\.reason) == [.notOwner])
  }

  @Test func oneFaultDoesNotKeepTheRestFromComingBack() throws {
    _ = try sql(
      """
      CREATE TABLE p (id int PRIMARY KEY);
      CREATE TABLE t (id int CONSTRAINT t_uq UNIQUE, p int CONSTRAINT t_fk REFERENCES p, n int);
      CREATE INDEX t_ix ON t (n);
      """)
    _ = try SuspendedObjects(ledger).setAside(
      table("t"), [.uniqueness, .plainIndexes, .foreignKeys])
    _ = try sql("INSERT INTO t VALUES (1, 99, 1), (1, NULL, 2)")
    let outcome = try Restoration().work(through: ledger)
    #expect(outcome.restored.map(\.name) == ["t_ix"])
    let failures = outcome.failures.compactMap { failure in
      (failure.error as? PostgresError)?.sqlState.map { "\(failure.object.name) \($0)" }
    }
    #expect(failures.sorted() == ["t_fk 23503", "t_uq 23505"])
    #expect(try SuspendedObjects(ledger).pendingRestores().count == 2)
    _ = try sql("DELETE FROM t WHERE p = 99")
    try Restoration().work(through: ledger).requireSuccess()
    #expect(try SuspendedObjects(ledger).pendingRestores().isEmpty)
    #expect(try sql("SELECT convalidated FROM pg_constraint WHERE conname = 't_fk'") == "t")
  }

  @Test func aDifferentObjectOfTheSameNameIsAConflictAndCanBeGivenUp() throws {
    _ = try sql("CREATE TABLE t (id int, n int); CREATE INDEX t_ix ON t (n)")
    _ = try SuspendedObjects(ledger).setAside(table("t"))
    _ = try sql("CREATE INDEX t_ix ON t (id)")
    let outcome = try Restoration().work(through: ledger)
    #expect((outcome.failures.first?.error as? LedgerError)?.code == .restoreConflict)
    let pending = try #require(try SuspendedObjects(ledger).pendingRestores().first)
    try SuspendedObjects(ledger).forget(pending)
    #expect(try SuspendedObjects(ledger).pendingRestores().isEmpty)
  }

  @Test func whatSomeoneRestoredByHandIsTakenAsDone() throws {
    _ = try sql("CREATE TABLE t (id int CONSTRAINT t_uq UNIQUE, n int); CREATE INDEX t_ix ON t (n)")
    _ = try SuspendedObjects(ledger).setAside(table("t"), [.plainIndexes, .uniqueness])
    _ = try sql("CREATE INDEX t_ix ON t (n); ALTER TABLE t ADD CONSTRAINT t_uq UNIQUE (id)")
    try Restoration().work(through: ledger).requireSuccess()
    #expect(try SuspendedObjects(ledger).pendingRestores().isEmpty)
  }

  @Test func aTableThatIsGoneIsToldAndNotForgotten() throws {
    _ = try sql("CREATE TABLE t (id int); CREATE INDEX t_ix ON t (id)")
    _ = try SuspendedObjects(ledger).setAside(table("t"))
    _ = try sql("DROP TABLE t")
    let outcome = try Restoration().work(through: ledger)
    #expect((outcome.failures.first?.error as? LedgerError)?.code == .unknown)
    #expect(try SuspendedObjects(ledger).pendingRestores().count == 1)
  }

  @Test func aDatabaseWithoutALedgerHasNothingPending() throws {
    let other = try TemporaryDatabase("aside")
    let stranger = try Ledger(LedgerFixture.connect(other))
    #expect(try SuspendedObjects(stranger).pendingRestores().isEmpty)
    #expect(try Restoration().work(through: stranger).restored.isEmpty)
  }
}
