import MigrationCore
import TestSupport
import Testing

/// The stock status is what the quantities say, unless the source has a word of its own.
@Suite(.serialized) struct StockStatusEndToEndTests {
  private static let contradictions = """
    select count(*) from inventory where stock_status in ('in_stock', 'low_stock', 'out_of_stock')
      and stock_status <> case when quantity_on_hand = 0 then 'out_of_stock'
        when quantity_on_hand <= reorder_point then 'low_stock' else 'in_stock' end
    """

  @Test func theStatusOfProductionIsCalculated() throws {
    let target = try TemporaryDatabase("stock")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("run").exitCode == 5)
    #expect(try number(target, "select count(*) from inventory") > 0)
    #expect(try number(target, Self.contradictions) == 0)
    #expect(
      try psql(target.url, "select count(distinct stock_status) from inventory") == "3")
    #expect(try migrate("validate-rules --rule stock-status-fits").exitCode == 0)
    #expect(try migrate("validate --samples all --table inventory").exitCode == 0)
    for word in ["in_stock", "low_stock", "out_of_stock"] {
      try psql(target.url, "update inventory set stock_status = '\(word)'")
      let (exitCode, report) = try migrate.json("validate-rules --group stock")
      #expect(exitCode == 4, "\(word)")
      let offenders = try number(target, Self.contradictions)
      let told = report["businessRuleValidation"]?["tables"]
      #expect(
        (0..<9).contains {
          told?[$0]?["rule"] == "stock-status-fits" && told?[$0]?["offenders"] == .int(offenders)
        })
    }
    try psql(target.url, "update inventory set stock_status = 'discontinued'")
    #expect(try migrate("validate-rules --rule stock-status-fits").exitCode == 0)
  }

  @Test func aBrokenRuleThatIsAWarningIsTold() throws {
    let fixture = try TablesFixture(
      tables: #"{ items: { from: "old", key: "id", sameColumns: ["id", "n"] } }"#,
      head:
        #"rules: { few: { group: "g", table: "items", severity: "warning", that: "n < 5", message: "many" } },"#,
      sourceSQL:
        "create table old (id integer primary key, n integer); insert into old values (1, 9);",
      targetSQL: "create table items (id integer primary key, n integer);")
    #expect(try fixture.migrate("run").exitCode == 0)
    let told = try fixture.migrate("validate-rules")
    #expect(told.exitCode == 0)
    #expect(told.output.contains("1 rule is broken, with severity warning"))
    #expect(!told.output.contains("every rule holds"))
  }

  @Test func conditionsCompareNumbersDatesAndTexts() throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old", key: "id", sameColumns: ["id"], ignore: ["a", "b", "d", "t"], columns: {
          numbers: { when: { from: { from: "a", number: true }, atMost: "b" }, then: { value: "yes" }, else: { value: "no" } },
          constants: { when: { from: "b", atMost: { value: 2.5 } }, then: { value: "yes" }, else: { value: "no" } },
          dates: { when: { from: "d", atMost: { value: "2026-01-01" } }, then: { value: "yes" }, else: { value: "no" } },
          texts: { when: { not: { from: "t", atMost: { value: "m" } } }, then: { value: "no" }, else: { value: "yes" } } } } }
        """, head: "",
      sourceSQL: """
        create table old (id integer primary key, a text, b numeric, d text, t text);
        insert into old values (1, '10', 9, '2025-12-31', 'a'), (2, '9', 10, '2026-01-02', 'z'),
          (3, '2.50', 2.5, '2026-01-01', 'm'), (4, null, 1, null, null), (5, '1', null, 'x', '');
        """,
      targetSQL: """
        create table items (id integer primary key, numbers text, constants text, dates text, texts text);
        """)
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(
      try fixture.query("select numbers, constants, dates, texts from items order by id") == """
        no|no|yes|yes
        yes|no|no|no
        yes|yes|yes|yes
        no|yes|no|no
        no|no|no|yes
        """)
    #expect(try fixture.migrate("validate --samples all").exitCode == 0)
    try fixture.changePlan("atMost: \"b\"", "atMost: \"b\", is: 3")
    #expect(try fixture.migrate("plan check").exitCode == 3)
  }
}
