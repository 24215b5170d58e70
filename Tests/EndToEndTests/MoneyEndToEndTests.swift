import Foundation
import MigrationCore
import TestSupport
import Testing

/// Amounts of money, whose decimal places are those of the currency of their database.
@Suite struct MoneyEndToEndTests {
  /// A server that knows yen, which have no decimal places.
  private static func server() throws -> (servers: PrivateServers, folder: TemporaryFolder) {
    let folder = try TemporaryFolder()
    let locale = folder.path + "/ja_JP.UTF-8"
    // Its warnings about the locale's sources make it end with 1.
    _ = try TestSupport.run(
      "/usr/bin/localedef", ["-c", "-i", "ja_JP", "-f", "UTF-8", locale])
    try mustRun("/bin/chmod", ["-R", "a+rX", folder.path])
    return (try PrivateServers(.postgres, extra: ["LOCPATH": folder.path]), folder)
  }

  private static func database(_ name: String, _ locale: String, _ url: String) throws -> String {
    try psql(url, "create database \(name)")
    try psql(url, "alter database \(name) set lc_monetary = '\(locale)'")
    var parts = try #require(URLComponents(string: url))
    parts.path = "/" + name
    return try #require(parts.string)
  }

  private static let cases: [(target: String, columns: String, isRefused: Bool)] = [
    ("C", #"{ id: "id", m: "m" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", m: "m" }"#, false),
    ("C", #"{ id: "id", t: "m" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", t: "m" }"#, true),
    ("ja_JP.UTF-8", #"{ id: "id", m: "s" }"#, true), ("C", #"{ id: "id", m: "s" }"#, false),
    ("C", #"{ id: "id", l: "l" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", l: "l" }"#, false),
    ("C", #"{ id: "id", d: "d" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", d: "d" }"#, false),
    ("C", #"{ id: "id", p: "p" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", p: "p" }"#, false),
    ("C", #"{ id: "id", q: "q" }"#, true), ("ja_JP.UTF-8", #"{ id: "id", q: "q" }"#, false),
    ("ja_JP.UTF-8", #"{ id: "id", t: "p" }"#, true),
  ]

  /// Amounts in arrays, domains and composites.
  private static let types = """
    create domain coins as money; create type price as (note text, amount money);
    create type offer as (number integer, prices price[]);
    """
  private static let columns =
    "id integer primary key, m money, l money[], d coins[], p price, q offer"

  @Test func amountsAreNeverAlteredByPowersOfTen() throws {
    let (servers, folder) = try Self.server()
    defer { withExtendedLifetime(folder) {} }
    let url = try #require(servers.environment["DATABASE_URL"])
    let source = try Self.database("yen", "ja_JP.UTF-8", url)
    try psql(
      source,
      """
      \(Self.types) create table a (\(Self.columns), s text);
      insert into a values (1, '1500', '{1500}', '{1500}', '(x,1500)', '(7,"{""(x,1500)""}")', '1500');
      """)
    for (number, (locale, columns, isRefused)) in Self.cases.enumerated() {
      let target = try Self.database("target\(number)", locale, url)
      try psql(target, "\(Self.types) create table a (\(Self.columns), t text)")
      var migrate = try Migrate()
      try FileManager.default.createDirectory(
        atPath: migrate.folder.path + "/config/crm", withIntermediateDirectories: true)
      _ = try migrate.folder.file(
        "config/crm/plan.json5",
        """
        { name: "crm", source: { kind: "postgres" }, tables: {
          a: { from: "a", key: "id", columns: \(columns), ignore: ["m", "l", "d", "p", "q", "s"] } } }
        """)
      migrate.environment["SOURCE_DATABASE_URL"] = source
      migrate.environment["DATABASE_URL"] = target
      let words = "\(locale) \(columns)"
      let check = try migrate("plan check")
      #expect(check.exitCode == (isRefused ? 4 : 0), "\(words): \(check.output)")
      let ran = try migrate("run")
      #expect(ran.exitCode == (isRefused ? 1 : 0), "\(words): \(ran.errors)")
      #expect(
        try psql(
          target,
          "select coalesce(m, l[1], d[1], (p).amount, ((q).prices[1]).amount)::numeric::integer from a"
        )
          == (isRefused ? "" : "1500"),
        "\(words)")
    }
  }
}
