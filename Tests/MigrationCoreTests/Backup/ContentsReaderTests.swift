import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationOperations

/// What the hash of a table's rows sees, and what it does not.
@Suite struct ContentsReaderTests {
  private static let table = """
    CREATE TYPE public.mood AS ENUM ('good', 'bad');
    CREATE DOMAIN public.code AS text;
    CREATE TABLE public.t (
      gone int, id int, big bigint, "a ""name" text, v varchar(20), c char(5), n numeric, f float8, b bool,
      u uuid, d date, ts timestamp, tz timestamptz, bin bytea, j jsonb, js json, m public.mood,
      e public.code, words text[], span interval, box box);
    ALTER TABLE public.t DROP COLUMN gone;
    INSERT INTO public.t VALUES
      (1, 2, 'x', 'y', 'z', 1.0, '-0', true, '00000000-0000-8000-8000-000000000001', '2026-01-31',
        '2026-01-31 02:00', '2026-01-31 02:00+00', '\\x00ff', '{"a": 1.0, "b": "q\\"q"}', '{ "a":1}', 'good',
        'e', '{a,NULL,"b c"}', '1 mon', '(1,1),(0,0)'),
      (2, 3, 'y', '', NULL, 2, 'NaN', false, '00000000-0000-8000-8000-000000000002', 'infinity',
        '-infinity', '2026-01-31 02:00+02', '', '[]', 'null', 'bad', '', '{}', '-1 day', NULL),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL);
    """

  private func contents(
    of database: TemporaryDatabase, as rowHash: DatabaseContents.RowHash? = nil
  ) throws -> DatabaseContents {
    try ContentsReader.read(Connection(to: ConnectionString(database.url)), as: rowHash)
  }

  @Test func theSameRowsInAnotherOrderAndDatabaseAreTheSame() throws {
    let (one, other) = (try TemporaryDatabase("rows"), try TemporaryDatabase("rows"))
    defer { withExtendedLifetime((one, other)) {} }
    try psql(one.url, Self.table)
    // Numbers of the catalogue, which those of enums are made of, are others here.
    try psql(other.url, "CREATE TABLE public.first (a int); DROP TABLE public.first;" + Self.table)
    try psql(
      other.url,
      """
      ALTER DATABASE "\(other.name)" SET TimeZone = 'Asia/Tokyo';
      ALTER DATABASE "\(other.name)" SET DateStyle = 'German';
      ALTER DATABASE "\(other.name)" SET extra_float_digits = 0;
      CREATE TABLE public.copy AS SELECT * FROM public.t;
      DELETE FROM public.t; INSERT INTO public.t SELECT * FROM public.copy ORDER BY id DESC;
      DROP TABLE public.copy
      """)
    for rowHash in DatabaseContents.RowHash.allCases {
      let wanted = try contents(of: one, as: rowHash)
      #expect(wanted.tables.map(\.rows) == [3] && wanted.rowHash == rowHash)
      #expect(try wanted.differences(in: contents(of: other, as: rowHash)) == [])
    }
  }

  @Test func everyChangeOfAValueShows() throws {
    let database = try TemporaryDatabase("rows")
    defer { withExtendedLifetime(database) {} }
    try psql(database.url, Self.table)
    let was = try contents(of: database)
    #expect(was.rowHash == .values)
    let changes = [
      "id = 3 - id", "big = 5 - big", "n = 1.00 WHERE id = 1", "f = 0.0 WHERE id = 1",
      "v = NULL WHERE id = 2",
      "c = 'zz' WHERE id = 1", "b = NOT b WHERE id = 1", "d = NULL WHERE id = 2",
      "bin = NULL WHERE id = 2",
      "ts = ts + '1 us' WHERE id = 1", "tz = tz + '1 us' WHERE id = 1",
      "bin = '\\x00fe' WHERE id = 1",
      "j = '{\"a\": 1.00, \"b\": \"q\\\"q\"}' WHERE id = 1", "js = '{\"a\":1}' WHERE id = 1",
      "m = 'bad' WHERE id = 1", "e = NULL WHERE id = 2",
      "words = '{a,\"NULL\",\"b c\"}' WHERE id = 1",
      "span = '30 days' WHERE id = 1", "box = '(1,1),(0,0.5)' WHERE id = 1",
      "u = '00000000-0000-8000-8000-000000000003' WHERE id = 1",
      "(\"a \"\"name\", v) = (v, \"a \"\"name\") WHERE id = 1",
    ]
    let connection = try Connection(to: ConnectionString(database.url))
    for change in changes {
      try connection.execute("BEGIN")
      try connection.execute("UPDATE public.t SET \(change)")
      let reader = ContentsReader(connection: connection)
      try reader.prepare()
      let now = try reader.table(reader.tables()[0])
      try connection.execute("ROLLBACK")
      #expect(now.rows == 3 && now.hash != was.tables[0].hash, "\(change)")
    }
    #expect(try contents(of: database) == was)
  }

  @Test func aTableWithoutColumnsIsCounted() throws {
    let database = try TemporaryDatabase("rows")
    defer { withExtendedLifetime(database) {} }
    try psql(database.url, "CREATE TABLE public.t (); INSERT INTO public.t DEFAULT VALUES")
    #expect(try contents(of: database).tables.map(\.rows) == [1])
  }
}
