import Foundation
import MigrationCore
import TestSupport

/// Two small tables with a plan whose triggers a test chooses, and a target that held rows before.
struct TriggersFixture {
  static let parents = 40
  static let items = 1500

  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate
  /// The target before anything was migrated.
  let before: [String]

  /// - Parameters:
  ///   - faulty: how many items lack what they must have.
  ///   - target: SQL that is run in the target before, such as a trigger that spoils rows.
  init(_ head: String, faulty: Int = 0, target more: String = "") throws {
    source = try TemporaryDatabase("triggersource")
    target = try TemporaryDatabase("triggertarget")
    try psql(
      source.url,
      """
      create table old_parents (id integer primary key, name text);
      insert into old_parents select n, 'parent ' || n from generate_series(1, \(Self.parents)) n;
      create table old_items (id integer primary key, parent integer, name text);
      insert into old_items select n, n % \(Self.parents) + 1,
        case when n > \(faulty) then 'item ' || n end from generate_series(1, \(Self.items)) n;
      """)
    try psql(
      target.url,
      """
      create table parents (id integer primary key, name text not null);
      create table items (id integer primary key, parent integer references parents,
        name text not null);
      create index items_name on items (name);
      insert into parents select n, 'before ' || n from generate_series(10001, 10010) n;
      insert into items select n, 10001, 'before ' || n from generate_series(20001, 20100) n;
      \(more)
      """)
    migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MIGRATION_BATCH_SIZE"] = "50"
    before = try targetState(target.url)
    try write(head)
  }

  /// Writes the plan with another head.
  func write(_ head: String) throws {
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/shop", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/shop/plan.json5",
      """
      {
        name: "shop", source: { kind: "postgres" },
        \(head),
        tables: {
          parents: { from: "old_parents", key: "id", sameColumns: ["id", "name"] },
          items: { from: "old_items", key: "id", sameColumns: ["id"], columns: {
            parent: { reference: "parents", by: { id: "parent" }, orphan: "quarantine" },
            name: { from: "name", required: true } } },
        },
      }
      """)
  }

  /// Changes a value on its way into the items.
  static let spoils = """
    create function spoil() returns trigger language plpgsql as $$
      begin if new.id = 700 then new.name := 'spoilt'; end if; return new; end $$;
    create trigger spoils before insert on items for each row execute function spoil();
    """

  /// Lets an item vanish on its way.
  static let swallows = """
    create function swallow() returns trigger language plpgsql as $$
      begin if new.id = 700 then return null; end if; return new; end $$;
    create trigger swallows before insert on items for each row execute function swallow();
    """

  /// How many rows of a table the migration has loaded there.
  func brought(_ table: String) throws -> Int {
    try number(target, "select count(*) from \(table) where id < 10000")
  }

  /// Lines of the log of runs about an event.
  func logged(_ event: String) throws -> [JSONValue] {
    let log = try String(
      contentsOfFile: migrate.folder.path + "/logs/migrate.log", encoding: .utf8)
    return try log.split(separator: "\n").map { try JSONValue.parse(String($0)) }
      .filter { $0["event"]?.textValue == event }
  }
}
