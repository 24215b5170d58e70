import MigrationCore
import TestSupport
import Testing

/// A rejected row that no `jsonb` holds stops nothing: the quarantine has a cut copy.
@Suite struct LargeRejectsEndToEndTests {
  @Test func aRowOfMoreThanTheQuarantineHoldsIsCut() throws {
    let fixture = try TablesFixture(
      tables: "{ a: { from: \"a\", key: \"id\", sameColumns: [\"id\", \"v\", \"w\"] } }",
      sourceSQL: """
        create table a (id int primary key, v text, w text);
        alter table a alter v set storage external;
        insert into a values (1, 'ok', 'w'), (2, repeat('0123456789abcdef', 16777217), 'long'), (3, 'ok', 'w')
        """,
      targetSQL: "create table a (id int primary key, v varchar(5), w text)")
    let run = try fixture.migrate("run", timeout: .seconds(600))
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select string_agg(id::text, ' ' order by id) from a") == "1 3")
    let hash = try psql(
      fixture.source.url,
      "select encode(sha256(convert_to(v, 'UTF8')), 'hex') from a where id = 2")
    #expect(
      try fixture.query(
        """
        select key ->> 'id', row ->> 'w', row -> 'v' ->> 'bytes', row -> 'v' ->> 'sha256',
          length(row -> 'v' ->> '$cut'), right(value, 18)
        from migrate.quarantine
        """) == "2|long|268435472|\(hash)|65536| (268435472 bytes)")
    #expect(try fixture.migrate("errors --details").exitCode == 0)
    let validated = try fixture.migrate("validate --layers counts,records", timeout: .seconds(600))
    #expect(validated.exitCode == 0, "\(validated.output)")
    try psql(fixture.source.url, "update a set v = 'short' where id = 2")
    #expect(try fixture.migrate("retry").exitCode == 0)
  }
}
