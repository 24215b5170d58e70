import Foundation
import MigrationCore
import TestSupport
import Testing

/// Conditions of a plan or a command line are one expression each; tables that are parts of others.
@Suite struct ConditionsEndToEndTests {
  private static let a = "a: { from: \"a\", key: \"id\", %@ sameColumns: [\"id\", \"v\"] }"
  private static let sourceSQL = """
    create table a (id int primary key, v text);
    insert into a select n, 'v' from generate_series(1, 30) n;
    """
  private static let targetSQL =
    "create table a (id int primary key, v text); create table b (id int, v text)"

  private func fixture(where condition: String? = nil, rules: String = "") throws -> PlanFixture {
    let member = condition.map { "where: \(JSONValue.text($0).compact)," } ?? ""
    return try PlanFixture(
      source: Self.sourceSQL, target: Self.targetSQL,
      tables: "{ \(Self.a.replacingOccurrences(of: "%@", with: member)) }", head: rules)
  }

  /// Runs a command line whose words have blanks.
  private func run(_ migrate: Migrate, _ words: [String]) throws -> Finished {
    try TestSupport.run(
      Migrate.executable(), words, environment: migrate.environment, in: migrate.folder.path)
  }

  private static let broken = [
    "id<=20) or (id=25", "true) or (true", "id<=20) -- ", "id<=20, id", "select true",
    "true then true end or case when true",
    "id=1) union select 1 from a where (true",
  ]

  @Test(arguments: broken) func aConditionOfTheCommandLineDoesNotLeaveItsBrackets(
    _ condition: String
  ) throws {
    let fixture = try fixture(where: "id <> 25")
    let refused = try run(fixture.migrate, ["run", "a", "--where", condition])
    #expect(refused.exitCode != 0 && refused.exitCode != 5, "\(condition): \(refused.errors)")
    #expect(try psql(fixture.target.url, "select count(*) from a") == "0")
  }

  @Test(arguments: broken) func norDoesOneOfThePlan(_ condition: String) throws {
    let fixture = try fixture(where: condition)
    let checked = try fixture.migrate("plan check")
    #expect(checked.exitCode != 0, "\(condition): \(checked.output)")
    #expect(
      checked.output.contains("the condition on a is refused"), "\(checked.output)\(checked.errors)"
    )
    #expect(try fixture.migrate("run").exitCode != 0)
    #expect(try psql(fixture.target.url, "select count(*) from a") == "0")
  }

  @Test(arguments: [
    ("id<=20 -- the first", 20), ("(id<=5) or (id=25)", 6), ("id in (select 7) /* one */", 1),
    ("case when id=3 then true end", 1),
  ]) func whatIsOneExpressionIsTaken(_ condition: String, _ rows: Int) throws {
    let fixture = try fixture(where: condition)
    #expect(try fixture.migrate("plan check").exitCode == 0)
    let run = try self.run(fixture.migrate, ["run", "a", "--where", "id<100 -- all"])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(try psql(fixture.target.url, "select count(*) from a") == "\(rows)")
  }

  /// A condition is in statements of all commands that read a part of the rows.
  @Test func aCommentAtItsEndSwallowsNoBracket() throws {
    let fixture = try PlanFixture(
      source: Self.sourceSQL + """
        create table b (id int primary key, a int); insert into b select n, n from generate_series(1, 30) n;
        """,
      target: """
        create table a (id int primary key, v text);
        create table b (id int primary key, a int references a (id));
        """,
      tables: """
        { a: { from: "a", key: "id", where: "id <= 20 -- the first", sameColumns: ["id", "v"] },
          b: { from: "b", key: "id", where: "id <= 25 -- more",
            columns: { id: "id", a: { reference: "a", by: { id: "a" } } } } }
        """)
    let profile = try fixture.migrate("plan profile")
    #expect(profile.exitCode != 3, "\(profile.output)\(profile.errors)")
    #expect(!profile.output.contains("syntax error"), "\(profile.output)")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try psql(fixture.target.url, "select count(*) from b") == "20")
    let validation = try fixture.migrate("validate --samples 5")
    #expect(validation.exitCode == 0, "\(validation.output)")
  }

  /// `that) or (…` would turn the meaning of a rule around.
  @Test func aRuleIsOneExpression() throws {
    let fixture = try fixture(
      rules:
        #"rules: { low: { group: "g", table: "a", that: "id < 5) or (true", message: "high" } },"#)
    let checked = try fixture.migrate("plan check")
    #expect(checked.exitCode != 0 && checked.output.contains("low"), "\(checked.output)")
  }

  @Test(arguments: ["inherits (a)", "partition of p for values from (1) to (100)"])
  func aTableAndAPartOfItAreNotBothMoved(_ kind: String) throws {
    let isPartition = kind.hasPrefix("partition")
    let whole = isPartition ? "p" : "a"
    let fixture = try PlanFixture(
      source: Self.sourceSQL + """
        create table p (id int, v text) partition by range (id);
        create table b \(isPartition ? "" : "()") \(kind);
        insert into b select n, 'w' from generate_series(40, 50) n;
        """, target: Self.targetSQL,
      tables: """
        { a: { from: "\(whole)", key: [], sameColumns: ["id", "v"] },
          b: { from: "b", key: [], sameColumns: ["id", "v"] } }
        """)
    let checked = try fixture.migrate("plan check")
    #expect(checked.output.contains("would be loaded twice"), "\(checked.output)")
    for line in ["run", "run b"] {
      let refused = try fixture.migrate(line)
      #expect(refused.exitCode == 1 && refused.errors.contains("loaded twice"), "\(refused.errors)")
    }
    #expect(try psql(fixture.target.url, "select count(*) from b") == "0")
    // The rows of the table itself are others.
    try fixture.write(
      """
      { a: { from: "\(whole)", key: [], sameColumns: ["id", "v"],
          where: "tableoid = 'public.\(whole)'::regclass" },
        b: { from: "b", key: [], sameColumns: ["id", "v"] } }
      """)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(
      try psql(fixture.target.url, "select (select count(*) from a), (select count(*) from b)")
        == (isPartition ? "0|11" : "30|11"))
  }
}
