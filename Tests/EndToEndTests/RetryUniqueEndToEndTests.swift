import MigrationCore
import TestSupport
import Testing

/// A retry keeps values unique that only the plan calls so.
@Suite struct RetryUniqueEndToEndTests {
  private func items(_ type: String, _ values: String) throws -> TablesFixture {
    try TablesFixture(
      tables: """
        {
          items: {
            from: "items", key: "id", unique: [["word"], ["part", "word"]],
            sameColumns: ["id", "part", "word", "short"],
          },
        }
        """,
      sourceSQL: """
        create table items (id integer primary key, part integer, word \(type), short text);
        insert into items values \(values);
        """,
      targetSQL: """
        create table items (id integer primary key, part integer, word \(type), short varchar(2));
        """)
  }

  private static let state = """
    select (select string_agg(id::text, ',' order by id) from items) || '|' || coalesce((
      select string_agg((key ->> 'id') || ' ' || reason || ' ' || column_name, ',' order by key ->> 'id')
      from migrate.quarantine where status = 'open'), '')
    """

  @Test(arguments: ["text", "integer", "numeric"])
  func whatIsThereAlreadyIsRejectedAgain(type: String) throws {
    let fixture = try items(
      type, "(1, 1, '1', 'a'), (2, 1, '2', 'b'), (3, 1, '1', 'c'), (4, 1, null, 'd')")
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.migrate("retry").exitCode == 5)
    #expect(try fixture.query(Self.state) == "1,2,4|3 duplicate word")
    #expect(try fixture.migrate("validate").exitCode == 0)
    try psql(fixture.source.url, "update items set word = '3' where id = 3")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query(Self.state) == "1,2,3,4|")
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  /// Of rows that are tried together, the first is loaded, unless the server refuses it.
  @Test func rowsOfOneRetryCollide() throws {
    let fixture = try items(
      "text",
      "(1, 1, 'a', 'long'), (2, 1, 'b', 'long'), (3, 1, 'c', 'long'), (4, 1, 'd', 'long'), (5, 1, 'z', 'z')"
    )
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(
      fixture.source.url,
      "update items set word = 'a', short = case id when 1 then 'long' else 'b' end where id < 5")
    #expect(try fixture.migrate("retry").exitCode == 5)
    #expect(
      try fixture.query("select string_agg(id::text, ',' order by id) from items") == "2,5")
    #expect(
      try fixture.query(
        "select string_agg(key ->> 'id', ',' order by key ->> 'id') from migrate.quarantine where status = 'open'"
      ) == "1,3,4")
  }
}
