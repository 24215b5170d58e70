import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger
@testable import MigrationOperations

/// The parts of a full rollback that need no server.
@Suite struct FullRollbackTests {
  @Test(arguments: [
    ("\"$user\", public", ["$user", "public"]), ("", []), ("\"\"", [""]),
    ("a,b", ["a", "b"]), ("\"odd, \"\"one\"\"\", x", ["odd, \"one\"", "x"]), ("\"\"\"\"", ["\""]),
  ])
  func listsOfNamesAreParted(list: String, names: [String]) {
    #expect(DatabaseProperties.Parameter.names(in: list) == names)
  }

  @Test(arguments: [
    (
      "postgres://u:p%40@h:5433/shop?sslmode=disable",
      "postgres://u:p%40@h:5433/a%20b?sslmode=disable"
    ),
    ("postgres://h", "postgres://h/a%20b"),
    ("postgres://h/?dbname=shop&user=u", "postgres://h/a%20b?user=u"),
    ("host=h dbname=shop user=u", "host=h user=u dbname='a b'"),
  ])
  func aURLLeadsToAnotherDatabase(text: String, expected: String) throws {
    let other = try DatabaseURL(text).with(database: "a b")
    #expect(other.connectionString == expected)
    #expect(other.database == "a b")
  }

  @Test(arguments: [
    "encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'",
    "locale_provider icu icu_locale 'de-DE-u-co-phonebk' locale 'C'",
    "encoding 'LATIN1' locale 'C'",
  ])
  func aDatabaseOfTheSameKindIsMade(options: String) throws {
    let server = try TestServers.postgresURL()
    let (one, other) = (
      "kind_\(UInt32.random(in: 0...UInt32.max))", "kind_\(UInt32.random(in: 0...UInt32.max)) \"x\""
    )
    try psql(server, "create database \(one) template template0 \(options)")
    defer {
      _ = try? psql(server, "drop database if exists \(one)")
      _ = try? psql(server, "drop database if exists \(try SQL.identifier(other))")
    }
    try psql(
      server, "alter database \(one) connection limit 3; alter database \(one) is_template true")
    let connection = try Connection(to: ConnectionString(server))
    let properties = try DatabaseProperties.read(connection, one)
    try properties.create(other, connection)
    #expect(!properties.differences(in: try DatabaseProperties.read(connection, other)).isEmpty)
    try connection.inTransaction {
      for statement in try properties.statements(for: other) { try connection.execute(statement) }
    }
    #expect(properties.differences(in: try DatabaseProperties.read(connection, other)) == [])
    try psql(server, "alter database \(one) is_template false")
    try connection.execute("ALTER DATABASE \(SQL.identifier(other)) IS_TEMPLATE false")
  }

  @Test func theStateIsReadAsItWasWritten() throws {
    for stage in FullRollbackState.Stage.allCases {
      for comment in [nil, "it's \"mine\"\n{}"] {
        let state = FullRollbackState(
          stage: stage, target: "sh\"op", restored: "r", aside: "a", backup: "b", backupID: "1",
          begun: Moment(microseconds: 1_700_000_000_000_001), begunBy: "o@h", host: "h", process: 7,
          comment: comment)
        #expect(try FullRollbackState(state.json.compact) == state)
      }
    }
    #expect(throws: (any Error).self) {
      try FullRollbackState("{\"version\":1,\"stage\":\"other\"}")
    }
  }

  @Test func whatDiffersIsNamed() {
    let one = DatabaseProperties(
      owner: "o", encoding: "UTF8", collation: "C", characterType: "C", provider: "c", locale: nil,
      rules: nil, tablespace: "pg_default", connectionLimit: -1, isTemplate: false, comment: nil,
      grants: [.init(role: nil, privilege: "CONNECT", isGrantable: false)],
      parameters: [.init(role: nil, name: "work_mem", value: "1MB")])
    #expect(one.differences(in: one).isEmpty)
    var other = one
    (other.owner, other.comment, other.connectionLimit) = ("p", "x", 3)
    (other.grants, other.parameters) = ([], [.init(role: "r", name: "work_mem", value: "1MB")])
    #expect(one.differences(in: other).count == 5)
  }
}
