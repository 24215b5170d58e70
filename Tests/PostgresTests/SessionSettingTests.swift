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

  @Test(arguments: [
    ("\"$user\", public", "\"$user\", public, pg_temp"), ("", "pg_temp"),
    ("public, pg_catalog", "pg_catalog, public, pg_catalog, pg_temp"),
    ("pg_catalog, public", "pg_catalog, public, pg_temp"),
    ("public, pg_temp", "public, pg_temp"),
  ]) func theSystemsNamesAreFirstAndTemporaryOnesLast(_ path: String, _ expected: String) throws {
    let database = try TemporaryDatabase("path")
    try psql(
      database.url,
      "alter database \"\(database.name)\" set search_path = \(path.isEmpty ? "''" : path)")
    let connection = try connect(database.url)
    let found = try connection.query("select current_setting('search_path')").text(0, 0)
    #expect(found == (path.isEmpty ? "\"\", pg_temp" : expected))
  }

  @Test func optionsAreReadAsTheServerReadsThem() {
    let options = PooledOptions(#"-c work_mem=8MB --jit=off -cDateStyle=SQL,\ DMY -d 3 --a-b=c"#)
    #expect(options.settings.map(\.name) == ["work_mem", "jit", "DateStyle", "a_b"])
    #expect(options.settings.map(\.value) == ["8MB", "off", "SQL, DMY", "c"])
  }
}
