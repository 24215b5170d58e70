import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationEngine

@Suite("Schema migrations on a server")
struct SchemaMigratorTests {
  let database: TemporaryDatabase
  let folder: TemporaryFolder

  init() throws {
    database = try TemporaryDatabase("schema")
    folder = try TemporaryFolder()
  }

  private func migrator(
    _ files: [String: String] = [:], schema: String = "public", wait: Duration = .zero
  ) throws -> SchemaMigrator {
    try SchemaMigrator(
      connection: connect(database), folder: schemaFolder(folder, files), plan: "test",
      schema: schema, operatorName: "tester@here", lockWait: wait)
  }

  private func tables() throws -> String {
    try psql(
      database.url,
      """
      SELECT string_agg(n.nspname || '.' || relname, ' ' ORDER BY nspname, relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')
      """)
  }

  static let two = [
    "001_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY);", "001_a.down.sql": "DROP TABLE a;",
    "002_b.up.sql": "CREATE TABLE b (a int REFERENCES a);\nCREATE INDEX ON b (a);",
    "002_b.down.sql": "DROP TABLE b;",
  ]

  @Test func appliesWhatIsPendingOnceAndTakesItBack() throws {
    let migrator = try migrator(Self.two)
    #expect(try migrator.status().pending.map(\.number) == [1, 2])
    #expect(try tables() == "")
    #expect(try migrator.apply(upTo: 1).map(\.name) == ["a"])
    #expect(try migrator.apply().map(\.name) == ["b"])
    #expect(try migrator.apply().isEmpty)
    #expect(try tables() == "migrate.schema_migration public.a public.b")
    let applied = try migrator.status().applied
    #expect(applied.map(\.by) == ["tester@here", "tester@here"])
    #expect(applied.allSatisfy { $0.at.hasSuffix("Z") && $0.milliseconds >= 0 })
    #expect(try migrator.rollbackPreview(2).map(\.name) == ["b", "a"])
    #expect(try migrator.rollback().map(\.name) == ["b"])
    #expect(try tables() == "migrate.schema_migration public.a")
    #expect(try migrator.rollback(5).map(\.name) == ["a"])
    guard case .nothingToRollBack = try schemaFault({ _ = try migrator.rollback() }) else {
      Issue.record("something was rolled back")
      return
    }
  }

  @Test func leavesNothingOfAFileThatFails() throws {
    let migrator = try migrator(
      Self.two.merging([
        "003_c.up.sql":
          "CREATE TABLE c (id int);\n-- ž\nCREATE TABLE d (\n  id int,\n  x nosuchtype);"
      ]) { $1 })
    guard
      case .statementFailed(let path, 5, 0, let cause) = try schemaFault({
        _ = try migrator.apply()
      })
    else {
      Issue.record("no line was told")
      return
    }
    #expect(path.hasSuffix("003_c.up.sql"))
    #expect(cause.sqlState == .undefinedObject)
    #expect(try tables() == "migrate.schema_migration public.a public.b")
    #expect(try migrator.status().pending.map(\.number) == [3])
    _ = try folder.file("003_c.up.sql", "CREATE TABLE c (id int);")
    #expect(try self.migrator().apply().map(\.number) == [3])
  }

  @Test func tellsTheStatementWhereTheServerNamesNoPlace() throws {
    let migrator = try migrator(["001_a.up.sql": "CREATE TABLE a ();\n\nCREATE TABLE a ();"])
    guard case .statementFailed(_, 3, 0, let cause) = try schemaFault({ _ = try migrator.apply() })
    else {
      Issue.record("no line was told")
      return
    }
    #expect(cause.sqlState == .duplicateTable)
  }

  @Test func refusesAChangedFileWithBothChecksums() throws {
    let migrator = try migrator(Self.two)
    _ = try migrator.apply(upTo: 1)
    let before = try migrator.status().applied[0].checksum
    _ = try folder.file("001_a.up.sql", "CREATE TABLE a (id bigint PRIMARY KEY);")
    let changed = try self.migrator()
    guard
      case .changed(let path, before, let found) = try schemaFault({ _ = try changed.apply() })
    else {
      Issue.record("the change went unseen")
      return
    }
    #expect(path.hasSuffix("001_a.up.sql"))
    #expect(found == changed.folder.migrations[0].up.checksum)
    #expect(try changed.status().faults.count == 1)
    #expect(try tables() == "migrate.schema_migration public.a")
  }

  @Test func refusesMissingRenumberedAndLateFiles() throws {
    let migrator = try migrator(Self.two)
    _ = try migrator.apply()
    let files = FileManager.default
    for ending in ["up", "down"] {
      try files.moveItem(
        atPath: "\(folder.path)/002_b.\(ending).sql", toPath: "\(folder.path)/002_x.\(ending).sql")
    }
    guard case .renumbered(_, "b") = try schemaFault({ _ = try self.migrator().apply() }) else {
      Issue.record("another file under the same number was taken")
      return
    }
    for ending in ["up", "down"] {
      try files.removeItem(atPath: "\(folder.path)/002_x.\(ending).sql")
    }
    guard case .missing(2, "b", _) = try schemaFault({ _ = try self.migrator().apply() }) else {
      Issue.record("the missing file went unseen")
      return
    }
    try psql(database.url, "DELETE FROM migrate.schema_migration WHERE number = 1")
    _ = try folder.file("002_b.up.sql", Self.two["002_b.up.sql"] ?? "")
    guard case .outOfOrder(_, 2) = try schemaFault({ _ = try self.migrator().apply() }) else {
      Issue.record("a file was applied out of order")
      return
    }
  }

  @Test func needsADownFileToTakeBack() throws {
    let migrator = try migrator(["001_a.up.sql": "CREATE TABLE a ()"])
    _ = try migrator.apply()
    guard case .noDownFile = try schemaFault({ _ = try migrator.rollback() }) else {
      Issue.record("it was taken back without a file")
      return
    }
    #expect(try migrator.status().applied.count == 1)
  }

  @Test func refusesATemplateThatWasNotFilled() throws {
    let empty = try schemaFolder(folder, [:])
    _ = try SchemaTemplate.write(name: "later", into: empty)
    guard case .empty = try schemaFault({ _ = try migrator().apply() }) else {
      Issue.record("an empty file was recorded as applied")
      return
    }
  }

  @Test func runsMarkedFilesWithoutATransaction() throws {
    let mark = SchemaFile.withoutTransactionMark
    let migrator = try migrator(
      Self.two.merging([
        "003_c.up.sql":
          "\(mark)\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_twice ON a ((id * 2));\n"
          + "CREATE INDEX CONCURRENTLY oops ON a (nothing);"
      ]) { $1 }, schema: "public")
    guard case .statementFailed(_, 3, 1, _) = try schemaFault({ _ = try migrator.apply() }) else {
      Issue.record("what was kept was not told")
      return
    }
    #expect(try migrator.status().pending.map(\.number) == [3])
    _ = try folder.file(
      "003_c.up.sql", "\(mark)\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_twice ON a ((id * 2));")
    let mended = try self.migrator()
    #expect(try mended.rehearse().map(\.number) == [3])
    #expect(try mended.apply().map(\.number) == [3])
  }

  @Test func rehearsesWithoutLeavingATrace() throws {
    let migrator = try migrator(Self.two)
    #expect(try migrator.rehearse().map(\.name) == ["a", "b"])
    #expect(try tables() == "")
    let broken = try self.migrator(["003_c.up.sql": "SELECT nothing FROM b"])
    guard case .statementFailed(_, 1, 0, _) = try schemaFault({ _ = try broken.rehearse() }) else {
      Issue.record("the fault was not found")
      return
    }
    #expect(try tables() == "")
  }

  @Test func putsUnqualifiedNamesIntoTheGivenSchema() throws {
    try psql(database.url, "CREATE SCHEMA \"My App\"; CREATE EXTENSION citext;")
    let migrator = try migrator(
      ["001_a.up.sql": "CREATE TABLE a (name citext)"], schema: "My App")
    _ = try migrator.apply()
    #expect(try tables() == "My App.a migrate.schema_migration")
  }

  @Test func letsOneAtATimeWorkAndSaysWhoItIs() throws {
    let holder = try connect(database)
    try SchemaLock.hold(holder, wait: .zero) {
      let waiting = try migrator(Self.two, wait: .milliseconds(250))
      guard case .locked(let who?) = try schemaFault({ _ = try waiting.apply() }) else {
        Issue.record("two worked at once")
        return
      }
      #expect(who.pid == Int(holder.facts.backendPID))
      #expect(who.application == "migrate")
    }
    #expect(try migrator().apply().count == 2)
  }

  @Test func twoAtOnceApplyEachFileOnce() throws {
    let folder = try schemaFolder(
      folder, Self.two.merging(["003_c.up.sql": "SELECT pg_sleep(0.2); CREATE TABLE c ()"]) { $1 })
    let url = database.url
    let counts = Counts()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      guard
        let migrator = try? SchemaMigrator(
          connection: Connection(to: ConnectionString(url)), folder: folder, plan: "test",
          operatorName: "x", lockWait: .seconds(20)),
        let applied = try? migrator.apply()
      else { return counts.add(-1000) }
      counts.add(applied.count)
    }
    #expect(counts.sum == 3)
  }

  @Test func adoptsASchemaThatIsThereAlready() throws {
    try psql(
      database.url, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a)")
    let migrator = try migrator(Self.two)
    guard case .statementFailed = try schemaFault({ _ = try migrator.apply() }) else {
      Issue.record("a table was made twice")
      return
    }
    #expect(try migrator.adopt().map(\.number) == [1, 2])
    #expect(try migrator.status().pending.isEmpty)
  }

  @Test func keepsPlansApart() throws {
    _ = try migrator(Self.two).apply()
    let other = try TemporaryFolder()
    let second = try SchemaMigrator(
      connection: connect(database),
      folder: schemaFolder(other, ["001_z.up.sql": "CREATE TABLE z ()"]),
      plan: "other", operatorName: "x")
    #expect(try second.apply().map(\.name) == ["z"])
    #expect(try migrator().status().applied.map(\.name) == ["a", "b"])
  }
}

private final class Counts: @unchecked Sendable {
  private let lock = NSLock()
  private var total = 0
  func add(_ count: Int) { lock.withLock { total += count } }
  var sum: Int { lock.withLock { total } }
}
