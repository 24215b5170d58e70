import Foundation
import MigrationCore
import TestSupport
import Testing

/// A plan never writes into the tables that it reads, by whatever names they are reached.
@Suite struct SourceIsTargetEndToEndTests {
  private static let refused = "would write into the tables that it reads"

  private static let commands = [
    "run --fresh --empty-tables --yes", "run", "run --dry-run", "run --dry-run --limit 10",
    "plan check", "check", "test-connections", "validate-all", "validate-all --parts quality",
    "db migrate", "db migrate --dry-run", "retry",
  ]

  @Test(arguments: commands)
  func theSameTableIsRefusedByEveryCommandThatWouldWrite(_ command: String) throws {
    let one = try OneDatabase()
    try one.write()
    let before = try one.state()
    let finished = try one.migrate(command)
    #expect(finished.exitCode == 3, "\(finished.output)\(finished.errors)")
    #expect((finished.output + finished.errors).contains(Self.refused))
    #expect((finished.output + finished.errors).contains("public.customers"))
    #expect(try one.state() == before)
  }

  @Test func anotherHostNameHidesNothing() throws {
    var one = try OneDatabase()
    try one.write()
    one.migrate.environment["SOURCE_DATABASE_URL"] = one.database.url
      .replacingOccurrences(of: "127.0.0.1", with: "localhost")
    // The error is reported also to a role that may not read the cluster's number.
    try psql(one.database.url, "revoke execute on function pg_control_system() from public")
    let before = try one.state()
    let finished = try one.migrate("run --fresh --empty-tables --yes")
    #expect(finished.exitCode == 3, "\(finished.errors)")
    #expect(finished.errors.contains(Self.refused))
    #expect(try one.state() == before)
  }

  /// What belongs to a table is the table: partitions, tables that inherit, what a view selects from.
  @Test(arguments: [
    (
      "create table part (id integer primary key, name text not null); "
        + "create table whole () inherits (part)", "part", "whole"
    ),
    (
      "create table part (id integer primary key, name text not null); "
        + "create table whole () inherits (part)", "whole", "part"
    ),
    ("create view shown as select id, name from customers", "shown", "customers"),
    (
      "create table whole (id integer primary key, name text) partition by range (id); "
        + "create table part partition of whole for values from (0) to (1000)", "part", "whole"
    ),
    (
      "create table other (id integer primary key references customers, name text)", "other",
      "customers"
    ),
  ])
  func partsOfATableAreTheTable(_ sql: String, _ from: String, _ to: String) throws {
    let one = try OneDatabase(sql)
    try one.write(from: from, to: to)
    let before = try one.state()
    for command in ["plan check", "run --fresh --empty-tables --yes"] {
      let finished = try one.migrate(command)
      #expect(finished.exitCode == 3, "\(finished.output)\(finished.errors)")
      #expect(finished.errors.contains(Self.refused))
    }
    #expect(try one.state() == before)
  }

  @Test func otherTablesOfTheSameDatabaseAreMoved() throws {
    let one = try OneDatabase(
      "create schema new; create table new.customers (id integer primary key, name text not null)")
    try one.write(into: "new")
    #expect(try one.migrate("plan check").exitCode == 0)
    #expect(try one.migrate("test-connections").exitCode == 0)
    #expect(try one.migrate("db migrate").exitCode == 0)
    let finished = try one.migrate("run --fresh --empty-tables --yes")
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(
      try psql(one.database.url, "select count(*) from new.customers") == "\(OneDatabase.rows)")
    #expect(try psql(one.database.url, "select count(*) from customers") == "\(OneDatabase.rows)")
    #expect(try one.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try psql(one.database.url, "select count(*) from customers") == "\(OneDatabase.rows)")
  }

  @Test(arguments: [
    "alter table public.customers add extra text;", "truncate public.customers;",
    "drop table public.customers;", "update public.customers set name = 'x';",
  ])
  func aSchemaFileThatChangesASourceTableIsRolledBack(_ sql: String) throws {
    let one = try OneDatabase(
      "create schema new; create table new.customers (id integer primary key, name text not null)")
    try one.write(into: "new", schema: "create table more (id integer);\n" + sql)
    let before = try one.state()
    for command in ["db migrate --dry-run", "db migrate"] {
      let finished = try one.migrate(command)
      #expect(finished.exitCode == 3, "\(finished.output)\(finished.errors)")
      #expect(finished.errors.contains("would change tables that the plan reads: public.customers"))
    }
    try psql(one.database.url, "drop schema if exists migrate cascade")
    #expect(try one.state() == before)
  }

  @Test func neitherABackupNorAFullRollbackReplacesTheSource() throws {
    let one = try OneDatabase(
      "create schema new; create table new.customers (id integer primary key, name text not null)")
    try one.write(into: "new")
    let made = try one.migrate.json("backup create --verify")
    guard made.exitCode == 0, case .text(let name)? = made.document["backup"]?["name"] else {
      Issue.record("\(made.document)")
      return
    }
    try psql(
      one.database.url,
      "update customers set name = 'later'; insert into new.customers values (1, 'x')")
    let before = try one.state()
    for command in [
      "backup restore \(name) --replace --yes", "backup restore \(name) --replace --dry-run",
      "rollback --full --yes",
    ] {
      let finished = try one.migrate(command)
      #expect(finished.exitCode == 3, "\(command): \(finished.output)\(finished.errors)")
      #expect(finished.errors.contains("one database"))
    }
    #expect(try one.state() == before)
    // Tables that the plan does not read may be put back.
    let restored = try one.migrate("backup restore \(name) --tables new.customers --replace --yes")
    #expect(restored.exitCode == 0, "\(restored.errors)")
    #expect(try psql(one.database.url, "select count(*) from new.customers") == "0")
  }

  /// A standby has no lock of its primary, and a clone has the number of the cluster it was made of.
  @Test func aStandbyOfTheTargetIsTheTargetAndACloneIsNot() throws {
    let servers = try PrivateServers(.postgres, postgresConfiguration: "fsync = off")
    let server = try #require(servers.environment["DATABASE_URL"])
    var one = try OneDatabase()
    try one.write()
    one.migrate.environment["DATABASE_URL"] = server
    try psql(
      server,
      "create table customers (id integer primary key, name text not null); "
        + "insert into customers select n, 'customer ' || n from generate_series(1, 300) n")
    let copy = try CopiedServer(of: servers, isStandby: true)
    one.migrate.environment["SOURCE_DATABASE_URL"] = copy.url
    for right in ["grant", "revoke"] {
      let word = right == "grant" ? "to" : "from"
      try psql(server, "\(right) execute on function pg_control_system() \(word) public")
      let refused = try one.migrate("run --fresh --empty-tables --yes")
      #expect(refused.exitCode == 3, "\(refused.errors)")
      #expect(refused.errors.contains(Self.refused))
    }
    #expect(try psql(server, "select count(*) from customers") == "300")
    try copy.promote()
    try psql(server, "truncate customers")
    let moved = try one.migrate("run")
    #expect(moved.exitCode == 0, "\(moved.errors)")
    #expect(try psql(server, "select count(*) from customers") == "300")
    #expect(try psql(copy.url, "select count(*) from customers") == "300")
  }
}
