/// A type with two values of it, as SQL literals without quotes.
struct TypedValues {
  let type: String
  let value: String
  let other: String

  init(_ type: String, _ value: String, _ other: String) {
    (self.type, self.value, self.other) = (type, value, other)
  }
}

/// Every type that a column can have and a text can make: those of the server, of the extensions that
/// come with it, and types made of others.
enum EveryType {
  static let prelude = """
    create extension hstore; create extension ltree; create extension cube; create extension citext;
    create extension isn; create extension seg;
    create type mood as enum ('good', 'so la la'); create type pair as (name text, span interval);
    create type tests.range as range (subtype = time); create domain short as varchar(9);
    create domain evenings as tests.range; create domain hosts as inet[];
    create domain even as integer check (value % 2 = 0);
    """.replacing("tests.range", with: "timerange")

  static let all: [TypedValues] =
    plain + texts + server + geometry + ranges + extensions + made

  private static let plain = [
    TypedValues("boolean", "true", "false"), TypedValues("smallint", "-32768", "7"),
    TypedValues("integer", "2147483647", "7"), TypedValues("bigint", "-9223372036854775808", "7"),
    TypedValues("oid", "4294967295", "7"), TypedValues("real", "1.5e-10", "2.5"),
    TypedValues("double precision", "-0.25", "0.1"), TypedValues("numeric", "12.3400", "1e30"),
    TypedValues("numeric(12,4)", "12.3400", "1"), TypedValues("money", "-1234.56", "7"),
    TypedValues(
      "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"),
    TypedValues("date", "0044-03-15", "9999-12-31"),
    TypedValues("time", "23:59:59.999999", "00:00"),
    TypedValues("timetz", "23:59:59.5+05:30", "00:00+00"),
    TypedValues("timestamp", "2024-02-29 12:30:00.000001", "1999-01-01"),
    TypedValues("timestamptz", "2024-02-29 12:30:00.000001+02", "1999-01-01 00:00:00+00"),
    TypedValues("interval", "1 year -2 mons +3 days -04:05:06.7", "9 days"),
    TypedValues("interval(0)", "04:05:06", "9 days"), TypedValues("bytea", "\\x00ff5c", "\\x"),
    TypedValues("bit(3)", "101", "100"), TypedValues("varbit", "10101", ""),
  ]

  private static let texts = [
    TypedValues("text", "tab\t back\\slash \\N žluť", ""), TypedValues("varchar(9)", "nine", "9"),
    TypedValues("char(5)", "ab", "a"), TypedValues("\"char\"", "x", "y"),
    TypedValues("name", "a name", "b"), TypedValues("refcursor", "c 1", "c 2"),
    TypedValues("json", "{\"b\" :  1, \"a\": [1, 2.50], \"b\": \"\\\\u0000 \\\\ud800\"}", "[]"),
    TypedValues("jsonb", "{\"b\": 1, \"a\": [1, 2.50]}", "[]"),
    TypedValues("jsonpath", "$.\"a\"[*]?(@ > 2)", "$"),
    TypedValues("xml", "<a b=\"1\">x &amp; y</a>", "<b/>"),
    TypedValues("tsvector", "'it''s' 'row':1A,2", "'row'"),
    TypedValues("tsquery", "'fat' & !'rat':A", "'cat'"),
  ].map { TypedValues($0.type, $0.value.replacing("\\\\u", with: "\\u"), $0.other) }

  private static let server = [
    TypedValues("inet", "10.0.0.1/8", "10.0.0.1"), TypedValues("cidr", "10.1.0.0/16", "::/0"),
    TypedValues("macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    TypedValues("macaddr8", "08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06"),
    TypedValues("pg_lsn", "16/B374D848", "0/0"), TypedValues("tid", "(7,3)", "(7,4)"),
    TypedValues("xid", "4294967295", "7"), TypedValues("xid8", "18446744073709551615", "7"),
    TypedValues("cid", "7", "8"), TypedValues("pg_snapshot", "10:20:10,14,15", "10:10:"),
    TypedValues("txid_snapshot", "10:20:10,14,15", "10:10:"),
    TypedValues("regclass", "pg_class", "pg_type"),
    TypedValues("regtype", "integer", "text"),
    TypedValues("regrole", "pg_monitor", "pg_read_all_data"),
    TypedValues("regnamespace", "pg_catalog", "public"), TypedValues("regproc", "now", "pi"),
    TypedValues("regprocedure", "abs(integer)", "abs(bigint)"),
    TypedValues("regconfig", "simple", "english"),
    TypedValues("oidvector", "1 2 3", ""), TypedValues("int2vector", "1 2 3", "4"),
    TypedValues("aclitem", "pg_monitor=r/pg_monitor", "=r/pg_monitor"),
  ]

  private static let geometry = [
    TypedValues("point", "(0.1,-3)", "(1,2)"), TypedValues("line", "{1,-2,0.5}", "{1,2,3}"),
    TypedValues("lseg", "[(1,2),(3,4)]", "[(0,0),(1,1)]"),
    TypedValues("box", "(3,4),(1,2)", "(1,1),(0,0)"),
    TypedValues("path", "[(0,0),(1.5,2)]", "((0,0),(1,1))"),
    TypedValues("polygon", "((0,0),(1.5,2),(3,0.1))", "((0,0),(1,1))"),
    TypedValues("circle", "<(1,2),3.5>", "<(0,0),1>"),
  ]

  private static let ranges = [
    TypedValues("int4range", "[1,7)", "empty"), TypedValues("int8range", "(,7)", "empty"),
    TypedValues("numrange", "(1.50,2]", "empty"),
    TypedValues("daterange", "[2024-01-01,2024-02-01)", "empty"),
    TypedValues("tsrange", "[2024-01-01 00:00:00,)", "empty"),
    TypedValues("tstzrange", "[2024-01-01 00:00:00+02,)", "empty"),
    TypedValues("int4multirange", "{[1,3),[5,7)}", "{}"),
    TypedValues("nummultirange", "{(1.5,3]}", "{}"),
    TypedValues("tstzmultirange", "{[2024-01-01 00:00:00+02,)}", "{}"),
  ]

  private static let extensions = [
    TypedValues("hstore", "\"k=>\"=>\"v\", \"n\"=>NULL", ""), TypedValues("ltree", "a.b.c", "a"),
    TypedValues("lquery", "*.b{1,2}", "a"), TypedValues("ltxtquery", "a & b", "a"),
    TypedValues("cube", "(1, 2),(0.5, 3)", "(1)"), TypedValues("citext", "Mixed", "Other"),
    TypedValues("isbn13", "978-0-393-04002-9", "978-0-11-000222-4"),
    TypedValues("ean13", "978-0-393-04002-9", "978-0-11-000222-4"),
    TypedValues("seg", "1.50 .. 3", "1"),
  ]

  private static let made = [
    TypedValues("mood", "so la la", "good"),
    TypedValues("mood[]", "{good,NULL,\"so la la\"}", "{}"),
    TypedValues("pair", "(\"a,\"\"b\",01:00:00)", "(,)"), TypedValues("pair[]", "{\"(a,)\"}", "{}"),
    TypedValues("timerange", "[01:00:00,02:00:00)", "empty"), TypedValues("short", "nine", "9"),
    TypedValues("evenings", "[01:00:00,02:00:00)", "empty"),
    TypedValues("hosts", "{10.0.0.1,NULL}", "{}"),
    TypedValues("even", "8", "10"), TypedValues("even[]", "{8,10}", "{}"),
    TypedValues("integer[]", "[0:1][-1:0]={{1,2},{3,4}}", "{1}"),
    TypedValues("text[]", "{a,NULL,\"NULL\",\"q\\\"\"}", "{}"),
    TypedValues("json[]", "{\"{\\\"a\\\" :  1}\"}", "{}"),
    TypedValues("jsonb[]", "{\"{\\\"a\\\": 1}\"}", "{}"),
    TypedValues("timestamptz[]", "{2024-02-29 12:30:00+02,infinity}", "{}"),
    TypedValues("bytea[]", "{\"\\\\\\\\x5c22\"}", "{}"),
    TypedValues("citext[]", "{Mixed,other}", "{}"),
    TypedValues("interval[]", "{\"1 day\",NULL}", "{}"),
    TypedValues("inet[]", "{10.0.0.1,::1}", "{}"), TypedValues("point[]", "{\"(1,2)\"}", "{}"),
    TypedValues("box[]", "{(1,1),(0,0);(2,2),(0,0)}", "{}"), TypedValues("money[]", "{1.00}", "{}"),
    TypedValues("hstore[]", "{\"\\\"a\\\"=>\\\"1\\\"\"}", "{}"),
    TypedValues("tstzrange[]", "{empty}", "{}"),
    TypedValues("xml[]", "{<a/>}", "{}"), TypedValues("bit(3)[]", "{101}", "{}"),
    TypedValues("char(3)[]", "{a}", "{}"),
  ].map { TypedValues($0.type, $0.value.replacing("\\\\\\\\x", with: "\\\\x"), $0.other) }

  static func table(_ number: Int) -> String { "kind_\(number)" }

  /// A table for each type, and one with a column of each.
  static var tables: String {
    let each = all.enumerated().map {
      "create table \(table($0.offset)) (id integer primary key, v \($0.element.type));"
    }
    let columns = all.enumerated().map { "c\($0.offset) \($0.element.type)" }
    return prelude + each.joined(separator: "\n")
      + "create table wide (id integer primary key, \(columns.joined(separator: ", ")));"
  }

  static var rows: String {
    func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
    let each = all.enumerated().map { number, type in
      "insert into \(table(number)) values (1, \(literal(type.value))), (2, null), "
        + "(3, \(literal(type.other)));"
    }
    let values = all.map { literal($0.value) }.joined(separator: ", ")
    let others = all.map { literal($0.other) }.joined(separator: ", ")
    return each.joined(separator: "\n")
      + "insert into wide values (1, \(values)); insert into wide values (3, \(others));"
      + "insert into wide (id) values (2);"
  }

  /// Changes the first row of each type's table, and all types of the wide one.
  static var changes: String {
    let each = all.indices.map {
      "update \(table($0)) set v = (select v from \(table($0)) where id = 3) where id = 1;"
    }
    let wide = all.indices.map { "c\($0) = o.c\($0)" }.joined(separator: ", ")
    return each.joined(separator: "\n")
      + "update wide set \(wide) from wide o where o.id = 3 and wide.id = 1;"
  }

  static var plan: String {
    let each = all.indices.map {
      "\(table($0)): { from: \"\(table($0))\", key: \"id\", columns: { id: \"id\", v: \"v\" } }"
    }
    let columns = all.indices.map { "c\($0): \"c\($0)\"" }.joined(separator: ", ")
    return """
      {
        name: "kinds", source: { kind: "postgres" },
        tables: {
          \(each.joined(separator: ",\n")),
          wide: { from: "wide", key: "id", columns: { id: "id", \(columns) } },
        },
      }
      """
  }
}
