import Foundation
import TestSupport
import Testing

@testable import Postgres

/// What every session sets for itself.
@Suite struct SessionSettingTests {
  @Test func everySettingHasItsValueWhateverTheDatabaseSays() throws {
    let database = try TemporaryDatabase("settings")
    let odd = [
      "DateStyle = 'German'", "IntervalStyle = iso_8601", "TimeZone = 'Asia/Kolkata'",
      "timezone_abbreviations = 'India'", "extra_float_digits = -3", "bytea_output = escape",
      "xmlbinary = hex", "xmloption = document", "quote_all_identifiers = on", "array_nulls = off",
      "standard_conforming_strings = off", "backslash_quote = on", "transform_null_equals = on",
      "check_function_bodies = off", "gin_fuzzy_search_limit = 7", "zero_damaged_pages = on",
      "ignore_checksum_failure = on", "session_replication_role = replica",
      "default_transaction_isolation = serializable", "default_transaction_deferrable = on",
    ]
    for setting in odd {
      try psql(database.url, "alter database \"\(database.name)\" set \(setting)")
    }
    let connection = try connect(database.url)
    for setting in SessionSetting.all {
      let found = try connection.query("select current_setting($1)", [setting.name]).text(0, 0)
      #expect(found == setting.value ?? "off", "\(setting.name)")
    }
    let changed = Set(connection.facts.changedSettings.map { $0.name.lowercased() })
    for setting in odd {
      #expect(changed.contains(setting.prefix { $0 != " " }.lowercased()), "\(setting)")
    }
    #expect(!connection.facts.isPooled)
  }

  /// The documentation has the list, with the values.
  @Test func theDocumentationTellsThem() throws {
    let page = try String(contentsOfFile: packageRoot + "/docs/sessions.md", encoding: .utf8)
    for setting in SessionSetting.all {
      let value = setting.value.map { "`\($0)`" } ?? "as it is"
      #expect(page.contains("| `\(setting.name)` | \(value) |"), "\(setting.name)")
    }
  }

  @Test func settingUpASessionTakesOneRoundTrip() throws {
    let proxy = try DamagingProxy(
      to: UInt16(URLComponents(string: TestServers.postgresURL())?.port ?? 0))
    let connection = try connect(proxy.url(TestServers.postgresURL()))
    #expect(proxy.messages("Q") == 1)
    #expect(proxy.messages("P") == 0)
    try connection.execute("select 1")
    #expect(proxy.messages("Q") == 2)
  }

  @Test func statementsAreNotCompiledUnlessTheURLSaysSo() throws {
    let database = try TemporaryDatabase("jit")
    try psql(database.url, "alter database \"\(database.name)\" set jit = on")
    #expect(try connect(database.url).query("show jit").text(0, 0) == "off")
    let wanting = database.url + "?options=-c%20jit%3Don"
    #expect(try connect(wanting).query("show jit").text(0, 0) == "on")
  }

  /// A session whose path is not set.
  private func bareConnection(_ url: String) throws -> Connection {
    try Connection(to: ConnectionString(url))
  }

  /// Paths of a database, and what is left of them for code that relies on them.
  private static let paths = [
    ("\"$user\", public", "\"$user\", public, pg_temp"), ("", "pg_temp"),
    ("public, pg_catalog", "public, pg_temp"), ("pg_catalog, public", "public, pg_temp"),
    ("public, \"pg_catalog\", other", "public, other, pg_temp"),
    ("pg_temp, public", "public, pg_temp"),
    ("\"Odd, \"\"one\", PUBLIC", "\"Odd, \"\"one\", public, pg_temp"),
  ]

  private func database(path: String) throws -> TemporaryDatabase {
    let database = try TemporaryDatabase("path")
    try psql(
      database.url,
      "alter database \"\(database.name)\" set search_path = \(path.isEmpty ? "''" : path)")
    return database
  }

  @Test(arguments: paths)
  func theSystemsNamesAreAloneUnlessCodeOfUsersRuns(_ path: String, _ own: String) throws {
    let database = try database(path: path)
    let connection = try bareConnection(database.url)
    let ask = "select current_setting('search_path')"
    func expectPaths() throws {
      #expect(try connection.query(ask).text(0, 0) == "pg_temp")
      #expect(try connection.executeOnOwnPath(ask).text(0, 0) == own)
      let rows = try connection.copyOutOnOwnPath("copy (\(ask)) to stdout")
      var found = ""
      while try rows.next({ found += String(decoding: $0, as: UTF8.self) }) {}
      #expect(found == own + "\n")
      #expect(rows.rowCount == 1)
      #expect(try connection.query(ask).text(0, 0) == "pg_temp")
    }
    try expectPaths()
    try connection.inTransaction { try expectPaths() }
    try expectPaths()
  }

  /// Defaults see the path of the database, and so do triggers that wait for the commit.
  @Test func codeOfTheTablesOwnerFindsItsNames() throws {
    let database = try database(path: "public, pg_catalog")
    try psql(
      database.url,
      """
      create table seen (path text, at text default current_setting('search_path'));
      create function note() returns trigger language plpgsql as
        $f$ begin insert into seen values ('commit', default); return null; end $f$;
      create constraint trigger late after insert on seen deferrable initially deferred
        for each row when (new.path <> 'commit') execute function note();
      """)
    let connection = try bareConnection(database.url)
    try connection.begin()
    let copy = try connection.copyInOnOwnPath("copy public.seen (path) from stdin")
    let buffer = CopyBuffer()
    buffer.append("copied\n")
    try copy.send(buffer)
    #expect(try copy.finish() == 1)
    try connection.commit()
    let seen = try psql(
      database.url, "select string_agg(path || ': ' || at, '; ' order by path) from seen")
    #expect(seen == "commit: public, pg_temp; copied: public, pg_temp")
    #expect(try connection.query("select current_setting('search_path')").text(0, 0) == "pg_temp")
  }

  /// What fails leaves the usual path behind, in a savepoint and without a transaction.
  @Test func aFailureLeavesTheUsualPath() throws {
    let database = try database(path: "public, pg_catalog")
    let connection = try bareConnection(database.url)
    func path() throws -> String? {
      try connection.query("select current_setting('search_path')").text(0, 0)
    }
    #expect(throws: PostgresError.self) { try connection.executeOnOwnPath("select 1/0") }
    #expect(throws: PostgresError.self) {
      try connection.executeOnOwnPath("select 1; select 2", after: "select 3")
    }
    #expect(try path() == "pg_temp")
    try connection.begin()
    try connection.execute("savepoint here")
    #expect(throws: PostgresError.self) { try connection.executeOnOwnPath("select 1/0") }
    try connection.execute("rollback to savepoint here")
    #expect(try path() == "pg_temp")
    #expect(throws: PostgresError.self) { try connection.executeOnOwnPath("select 1/0") }
    // A failed transaction is reported as one.
    #expect(try failure { try connection.commit() }.kind == .rolledBackInsteadOfCommitted)
    #expect(try path() == "pg_temp")
  }

  @Test func aStatementOnTheOwnPathIsOneRoundTrip() throws {
    let proxy = try DamagingProxy(
      to: UInt16(URLComponents(string: TestServers.postgresURL())?.port ?? 0))
    let connection = try bareConnection(proxy.url(TestServers.postgresURL()))
    try connection.begin()
    #expect(proxy.messages("Q") == 2)
    try connection.executeOnOwnPath("select 1")
    #expect(proxy.messages("Q") == 3)
    let ask = "select current_setting('search_path')"
    #expect(try connection.executeOnOwnPath("select 2", after: ask).text(0, 0) == "2")
    #expect(proxy.messages("Q") == 4)
    try connection.execute("create temp table seen (path text)")
    let note = "insert into seen \(ask)"
    let copy = try connection.copyInOnOwnPath("copy pg_temp.seen from stdin", after: note)
    #expect(try copy.finish() == 0)
    #expect(proxy.messages("Q") == 6)
    #expect(try connection.execute("select path from seen").text(0, 0) == "pg_temp")
    try connection.commit()
    #expect(proxy.messages("Q") == 8)
    #expect(proxy.messages("P") == 0)
  }

  @Test func optionsAreReadAsTheServerReadsThem() {
    let options = PooledOptions(#"-c work_mem=8MB --jit=off -cDateStyle=SQL,\ DMY -d 3 --a-b=c"#)
    #expect(options.settings.map(\.name) == ["work_mem", "jit", "DateStyle", "a_b"])
    #expect(options.settings.map(\.value) == ["8MB", "off", "SQL, DMY", "c"])
  }
}
