import MigrationCore
import TestSupport
import Testing

/// Texts that do not convert, read leniently by a retry that was asked to.
@Suite struct CoercionEndToEndTests {
  private static let plan = """
    {
      name: "mixed", source: { kind: "postgres" },
      tables: {
        readings: {
          from: "legacy", key: "id", chunk: 3,
          columns: {
            id: "id", amount: "amount", taken: "taken", good: "good", label: "label",
          },
        },
      },
    }
    """

  @Test func onlyWhatIsClearIsLoadedOnce() throws {
    let (source, target) = (try TemporaryDatabase("mixed"), try TemporaryDatabase("readings"))
    var migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    try migrate.makePlan("mixed", Self.plan)
    try psql(
      source.url,
      """
      create table legacy (id int primary key, amount text, taken text, good text, label text);
      insert into legacy values
        (1, '1.5', '2026-01-31', 'yes', 'plain'), (2, '1.234,50', '31.1.2026', 'ja', 'points'),
        (3, '1,234', '2026-01-31', 'yes', 'unclear'), (4, '1 000', '31/01/2026', 'nein', 'slashes'),
        (5, '2', '01/02/2026', 'no', 'either'), (6, ' n/a ', '0000-00-00', '', 'nothing'),
        (7, '3', 'Jan 31, 2026 10:15', 'x?', 'no word'), (8, '4', '2026-02-30', 't', 'no day'),
        (9, '5', '20260131', 'f', '   far too long   ')
      """)
    try psql(
      target.url,
      """
      create table readings (id int primary key, amount numeric(12,2), taken timestamp, good boolean,
        label varchar(12))
      """)
    #expect(try migrate("run --plan mixed --max-rejects 100").exitCode != 3)
    #expect(
      try psql(target.url, "select string_agg(id::text, ',' order by id) from readings") == "1")
    #expect(try migrate.json("retry --plan mixed").document["left"] == .int(8))
    let (code, document) = try migrate.json("retry --coerce-types --plan mixed")
    #expect(code == 5)
    #expect(document["left"] == .int(4))
    guard case .array(let tables)? = document["tables"] else {
      Issue.record("no tables")
      return
    }
    #expect(tables.first?["coerced"] == .int(4))
    let rows = try psql(
      target.url,
      "select concat_ws('|', id, amount, taken, good, label) from readings where id > 1 order by id"
    )
    #expect(
      rows.split(separator: "\n") == [
        "2|1234.50|2026-01-31 00:00:00|t|points", "4|1000.00|2026-01-31 00:00:00|f|slashes",
        "6|nothing", "9|5.00|2026-01-31 00:00:00|f|far too long",
      ])
    #expect(
      try psql(
        target.url,
        "select count(*) from migrate.quarantine where note like '%converted leniently: %amount%'")
        == "3")
    #expect(try migrate.json("retry --coerce-types --plan mixed").document["left"] == .int(4))
    #expect(try number(target, "select count(*) from readings") == 5)
  }

  /// What is read leniently for one column is read as it is for all others; a validation reads it so too.
  @Test(arguments: ["id", ""]) func otherColumnsReadTheTextAsItIs(_ key: String) throws {
    let fixture = try TablesFixture(
      tables: """
        { readings: { from: "legacy", key: [\(key.isEmpty ? "" : "\"id\"")], columns: {
          id: "id", raw: "raw", amount: "raw", day: "day", dayText: "day",
          pair: { concat: ["raw", "day"], separator: " " } } } }
        """,
      sourceSQL: """
        create table legacy (id int \(key.isEmpty ? "" : "primary key"), raw text, day text);
        insert into legacy values (1, '1.5', '2026-01-31'), (2, '1.234,50', '31.1.2026'),
          (3, ' n/a ', '2026-01-31'), (4, 'what', '2026-01-31')
        """,
      targetSQL: """
        create table readings (id int, raw text, amount numeric, day date, "dayText" text, pair text)
        """)
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.migrate("retry --coerce-types").exitCode == 5)
    #expect(
      try fixture.query(
        "select concat_ws('|', id, raw, coalesce(amount::text, '-'), day, \"dayText\", pair) "
          + "from readings order by id")
          == """
          1|1.5|1.5|2026-01-31|2026-01-31|1.5 2026-01-31
          2|1.234,50|1234.50|2026-01-31|31.1.2026|1.234,50 31.1.2026
          3| n/a |-|2026-01-31|2026-01-31| n/a  2026-01-31
          """)
    let sound = try fixture.migrate("validate --all")
    #expect(sound.exitCode == 0, "\(sound.output)")
    let read = try fixture.migrate("validate --fingerprint --samples all")
    #expect(read.exitCode == 0, "\(read.output)")

    // A value that is not what the lenient reading makes of it is reported as any other is.
    try psql(fixture.target.url, "update readings set amount = 1235 where id = 2")
    let changed = try fixture.migrate("validate --samples all")
    #expect(changed.exitCode == 4)
    #expect(!changed.output.contains("rejected by the rules"), "\(changed.output)")
  }
}

extension Migrate {
  /// Puts a plan into a configuration folder of this test's own.
  mutating func makePlan(_ name: String, _ text: String) throws {
    let config = folder.path + "/config"
    try mustRun("/usr/bin/mkdir", ["-p", config + "/" + name])
    _ = try folder.file("config/\(name)/plan.json5", text)
    environment["MIGRATION_CONFIG_DIR"] = config
  }
}
