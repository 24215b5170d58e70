import Foundation
import MigrationCore
import TestSupport
import Testing

/// A role of least privilege is made, migrates, and goes.
@Suite struct PermissionsEndToEndTests {
  private struct World {
    let target: TemporaryDatabase
    let admin: Migrate
    let role = "mig_" + UUID().uuidString.prefix(8).lowercased()

    init() throws {
      target = try TemporaryDatabase("rights")
      admin = try Undisturbed.prepared(
        source: try Undisturbed.source.get().url, target: target.url)
      #expect(try admin("db migrate").exitCode == 0)
    }

    /// Gives the tables to a role that can't log in.
    func giveTablesAway() throws {
      let all = Undisturbed.tables.map { "alter table public.\($0) owner to \(role)_owner;" }
      try psql(target.url, "create role \(role)_owner; " + all.joined(separator: " "))
    }

    /// Takes what roles have, so that they can go with the database.
    func end() {
      for name in [role, role + "_owner"] {
        _ = try? psql(target.url, "drop owned by \(name) cascade")
        _ = try? psql(target.url, "drop role \(name)")
      }
    }

    /// The executable with the role's login for the target.
    func asRole() throws -> Migrate {
      var migrate = try Migrate()
      migrate.environment = admin.environment
      var url = try #require(URLComponents(string: target.url))
      (url.user, url.password) = (role, nil)
      migrate.environment["DATABASE_URL"] = url.string
      migrate.environment["DATABASE_PASSWORD"] = "file:\(admin.folder.path)/password"
      return migrate
    }
  }

  @Test func aRoleOfLeastPrivilegeMigrates() throws {
    let world = try World()
    defer { world.end() }
    // Who may act as a superuser is no role of least privilege.
    let refused = try world.admin("create-migration-user --name \(world.role)")
    #expect(refused.exitCode == 1 && refused.errors.contains("superuser"))
    #expect(
      try number(world.target, "select count(*) from pg_roles where rolname = '\(world.role)'") == 0
    )
    try world.giveTablesAway()
    let (code, made) = try world.admin.json(
      "create-migration-user --name \(world.role) --password-file password")
    #expect(code == 0 && made["password"] == .null)
    #expect(
      try run("/usr/bin/stat", ["-c", "%a", world.admin.folder.path + "/password"]).output
        .hasPrefix("600"))
    #expect(
      try psql(
        world.target.url,
        """
        select rolsuper or rolcreatedb or rolcreaterole or rolreplication, rolpassword like 'SCRAM%',
          rolvaliduntil < now() + interval '8 days'
        from pg_authid where rolname = '\(world.role)'
        """) == "f|t|t")
    let migrate = try world.asRole()
    #expect(try migrate("check-permissions").exitCode == 0)
    #expect(try migrate("run --all").exitCode == 5)
    #expect(
      try Undisturbed.contents(of: world.target.url, world.admin) == Undisturbed.expected.get())
    #expect(try migrate("validate --samples 20").exitCode == 0)
    // It can do nothing else.
    let url = try #require(migrate.environment["DATABASE_URL"])
    let password = try String(
      contentsOfFile: world.admin.folder.path + "/password", encoding: .utf8
    )
    .trimmingCharacters(in: .newlines)
    let login = url.replacing("\(world.role)@", with: "\(world.role):\(password)@")
    #expect(throws: (any Error).self) { try psql(login, "create schema mine") }
    #expect(throws: (any Error).self) { try psql(login, "create role other") }

    #expect(try world.admin("revoke-temp-permissions --name \(world.role)").exitCode == 2)
    let gone = try world.admin.json("revoke-temp-permissions --name \(world.role) --yes")
    #expect(gone.exitCode == 0 && gone.document["removed"] == true)
    #expect(
      try number(world.target, "select count(*) from pg_roles where rolname = '\(world.role)'") == 0
    )
    #expect(
      try Undisturbed.contents(of: world.target.url, world.admin) == Undisturbed.expected.get())
    #expect(try migrate("status").exitCode == 3)
  }

  /// On a hosted server the administrator owns the tables, and is no superuser.
  @Test func anOwnerThatIsNoSuperuserTakesTheRoleAwayAgain() throws {
    let world = try World()
    defer { world.end() }
    try world.giveTablesAway()
    let owner = world.role + "_owner"
    try psql(
      world.target.url,
      """
      alter role \(owner) login createrole password 'secret';
      drop schema migrate cascade;
      do $$ begin execute format('grant create on database %I to \(owner)', current_database()); end $$;
      grant usage, create on schema public to \(owner) with grant option;
      """)
    var admin = world.admin
    var url = try #require(URLComponents(string: world.target.url))
    (url.user, url.password) = (owner, "secret")
    admin.environment["DATABASE_URL"] = url.string
    let made = try admin("create-migration-user --name \(world.role) --as-owner")
    #expect(made.exitCode == 0, "\(made.errors)")
    let gone = try admin("revoke-temp-permissions --name \(world.role) --yes")
    #expect(gone.exitCode == 0, "\(gone.errors)")
    #expect(
      try number(world.target, "select count(*) from pg_roles where rolname = '\(world.role)'") == 0
    )
  }

  /// Rows may refer to rows that come later; a server that judges them at once would refuse them.
  @Test func aForeignKeyThatCanNotBeSetAsideIsToldBeforeARowIsRefused() throws {
    let world = try World()
    defer { world.end() }
    try world.giveTablesAway()
    #expect(
      try world.admin("create-migration-user --name \(world.role) --password-file password")
        .exitCode
        == 0)
    try psql(world.target.url, "revoke \(world.role)_owner from \(world.role)")
    let (code, found) = try world.admin.json("check-permissions --role \(world.role)")
    #expect(code == 4 && found["missing"] == 1)
    let migrate = try world.asRole()
    let refused = try migrate.json("run --all")
    #expect(refused.exitCode == 1)
    #expect(refused.document["error"]?["code"] == "ERR_002")
    #expect(try number(world.target, "select count(*) from public.price_lists") == 0)
    // With the right it continues.
    try psql(world.target.url, "grant \(world.role)_owner to \(world.role)")
    #expect(try migrate("run --all").exitCode == 5)
    #expect(
      try Undisturbed.contents(of: world.target.url, world.admin) == Undisturbed.expected.get())
  }

  @Test func aMissingRightIsNamedWithItsGrant() throws {
    let world = try World()
    defer { world.end() }
    try world.giveTablesAway()
    #expect(
      try world.admin("create-migration-user --name \(world.role) --password-file password")
        .exitCode
        == 0)
    try psql(
      world.target.url,
      """
      revoke \(world.role)_owner from \(world.role);
      revoke insert on public.products from \(world.role);
      revoke update on all tables in schema migrate from \(world.role);
      """)
    let (code, found) = try world.admin.json("check-permissions --role \(world.role)")
    #expect(code == 4 && found["missing"] == 3)
    guard case .array(let rights)? = found["rights"] else { return }
    let missing = rights.filter { $0["granted"] == false && $0["required"] == true }
    #expect(missing.map { $0["privilege"] }.contains("INSERT"))
    for right in missing {
      guard case .text(let grant)? = right["grant"] else { continue }
      try psql(world.target.url, grant)
    }
    #expect(try world.admin("check-permissions --role \(world.role)").exitCode == 0)
    // Twice the same name, and a file that is there: nothing is done.
    #expect(try world.admin("create-migration-user --name \(world.role)").exitCode == 1)
    let other = world.role + "b"
    #expect(
      try world.admin("create-migration-user --name \(other) --password-file password").exitCode
        == 3)
    #expect(
      try number(world.target, "select count(*) from pg_roles where rolname = '\(other)'") == 0)
    #expect(try world.admin("revoke-temp-permissions --name postgres_x --yes").exitCode == 1)
    try psql(world.target.url, "create role \(other)")
    #expect(try world.admin("revoke-temp-permissions --name \(other) --yes").exitCode == 1)
    try psql(world.target.url, "drop role \(other)")
    #expect(try world.admin("revoke-temp-permissions --name \(world.role) --yes").exitCode == 0)
  }

  @Test func aReaderOfTheSourceCanOnlyRead() throws {
    let world = try World()
    let (code, made) = try world.admin.json(
      "create-migration-user --name \(world.role) --on-source")
    #expect(code == 0)
    guard case .text(let password)? = made["password"] else {
      Issue.record("\(made)")
      return
    }
    var migrate = world.admin
    let source = try #require(migrate.environment["SOURCE_DATABASE_URL"])
    var url = try #require(URLComponents(string: source))
    (url.user, url.password) = (world.role, password)
    migrate.environment["SOURCE_DATABASE_URL"] = url.string
    #expect(try migrate("run customers suppliers").exitCode == 5)
    #expect(throws: (any Error).self) {
      try psql(url.string ?? "nowhere", "delete from legacy_customers")
    }
    #expect(
      try world.admin("revoke-temp-permissions --name \(world.role) --on-source --yes").exitCode
        == 0)
  }
}
