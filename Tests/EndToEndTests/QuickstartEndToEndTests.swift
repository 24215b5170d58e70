import Foundation
import TestSupport
import Testing

/// The README's first command, in a clone of its own.
@Suite struct QuickstartEndToEndTests {
  private static let feeds = [
    "customers": ["legacy_customers"], "suppliers": ["legacy_suppliers", "legacy_vendors"],
    "products": ["legacy_products"], "inventory": ["legacy_inventory"],
    "price_lists": ["legacy_price_lists"], "price_list_items": ["legacy_price_list_items"],
    "upload_history": ["legacy_upload_history"],
  ]

  @Test func itsNumbersAddUpInAFreshClone() throws {
    let folder = try TemporaryFolder()
    let clone = folder.path + "/clone"
    try mustRun("/usr/bin/git", ["clone", "--quiet", packageRoot, clone])
    var environment = try Migrate().environment
    environment["MIGRATE_EXECUTABLE"] = try Migrate.executable()
    environment["POSTGRES_BIN"] = try TestServers.postgresPrograms()
    environment["TMPDIR"] = folder.path
    let shown = try run(
      clone + "/scripts/quickstart", ["--rows", "1000", "--dirty", "3", "--keep"],
      environment: environment)
    #expect(shown.exitCode == 0, "\(shown.output)\(shown.errors)")
    let end = try #require(shown.errors.firstMatch(of: /to end it: \S+ down --dir (\S+)/))
    let servers = String(end.1)
    defer { _ = try? run(clone + "/scripts/servers", ["down", "--dir", servers]) }
    let settings = "eval \"$('\(clone)/scripts/servers' env --dir '\(servers)')\""
    let urls = try mustRun(
      "/bin/bash", ["-c", settings + "; echo \"$SOURCE_DATABASE_URL $DATABASE_URL\""]
    ).split(whereSeparator: \.isWhitespace).map(String.init)
    var (sources, aside) = (0, 0)
    for (table, feeds) in Self.feeds {
      let source = try feeds.map { try count("select count(*) from \($0)", urls[0]) }.reduce(0, +)
      let target = try count("select count(*) from \(table)", urls[1])
      let merged = try count(Self.entries("merged", table), urls[1])
      let open = try count(Self.entries("quarantine", table), urls[1])
      #expect(source == target + merged + open, "\(table)")
      let line = "\(table) +\(source) +\(target) +\(merged) +\(open) +ok"
      #expect(shown.output.contains(try Regex(line)), "\(table)")
      (sources, aside) = (sources + source, aside + open)
    }
    #expect(sources > 2500)
    #expect(aside > 20)
  }

  private static func entries(_ kind: String, _ table: String) -> String {
    "select count(*) from migrate.\(kind) e join migrate.table_state t on t.id = e.table_id "
      + "where t.name = '\(table)'"
  }

  private func count(_ sql: String, _ url: String) throws -> Int {
    Int(try psql(url, sql)) ?? -1
  }
}
