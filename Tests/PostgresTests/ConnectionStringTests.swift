import Foundation
import Testing

@testable import Postgres

@Suite struct ConnectionStringTests {
  @Test func readsTheParts() throws {
    let string = try ConnectionString(
      "postgresql://ann:s%40cret@db.example:6432/shop?sslmode=require&application_name=x")
    #expect(string.user == "ann")
    #expect(string.host == "db.example")
    #expect(string.port == "6432")
    #expect(string.database == "shop")
    #expect(string.sslMode == "require")
    #expect(string.hasPassword)
    #expect(string.environmentForPrograms()["PGPASSWORD"] == "s@cret")
    #expect(string.description == "postgresql://ann@db.example:6432/shop?sslmode=require")
  }

  @Test(arguments: [
    ("postgres://h", "postgresql://h"),
    ("postgres://", "postgresql://"),
    ("  postgres://u@h/db\n", "postgresql://u@h/db"),
    ("postgres://u:p@a:1,b:2/db", "postgresql://u@a:1,b:2/db"),
    ("postgres://u:p@[::1]:5433/db", "postgresql://u@[::1]:5433/db"),
    ("postgres:///db?host=/tmp/sockets", "postgresql:///tmp/sockets/db"),
    ("postgres://%2Ftmp%2Fsockets/db", "postgresql:///tmp/sockets/db"),
    ("host=h user=u dbname='a b' password='it\\'s'", "postgresql://u@h/a b"),
    ("postgres://u:a:b#c@h/db", "postgresql://u@h/db"),
    ("service=none", "postgresql://"),
  ])
  func understands(text: String, description: String) throws {
    #expect(try ConnectionString(text).description == description)
  }

  @Test(
    arguments: [
      ("", .empty),
      ("   ", .empty),
      ("host=h\0", .containsNUL),
      ("postgres://u:TOPSECRET@x@h/db", .unescapedInCredentials),
      ("postgres://u:TOP/SECRET@h/db", .unescapedInCredentials),
      ("postgres://u:TOP?SECRET@h/db", .unescapedInCredentials),
      ("postgres://u:12/SECRET@h/db", .unescapedInCredentials),
      ("postgres://u:x@TOP/SECRET@h/db", .unescapedInCredentials),
      ("postgres://u:TOP%SECRET@h/db", .badPercentEscape),
      ("postgres://u:TOP%zzSECRET@h/db", .badPercentEscape),
      ("postgres://u:TOP%00SECRET@h/db", .badPercentEscape),
      ("postgres://u:TOPSECRET%", .badPercentEscape),
      ("postgres://u:TOP SECRET@h/db", .unescapedBlank),
      ("postgres://u:TOP\nSECRET@h/db", .unescapedBlank),
      ("postgres://u:x@TOP$SECRET/db", .badHost),
      ("postgres://u:x@[::1/db", .badHost),
      ("postgres://u:x@[::1]SECRET/db", .badHost),
      ("postgres://u:SECRET/db", .badPort),
      ("postgres://u:x@h:SECRET/db", .badPort),
      ("postgres://h:0/db", .badPort),
      ("postgres://h:65536/db", .badPort),
      ("port=SECRET", .badPort),
      ("postgres://u:x@h/db?sslmod=require", .unknownParameter("sslmod")),
      ("postgres://h/db?password=TOP&SECRET=1", .malformed),
      ("postgres://h/db?SEC-RET=1", .malformed),
      ("password=TOP SECRET", .malformed),
      ("password=TOP SECRET=1", .malformed),
      ("mysql://u:SECRET@h/db", .malformed),
      ("SECRET", .malformed),
      ("host=h sslmode=SECRET", .badValue("sslmode")),
      ("host=h connect_timeout=SECRET", .badValue("connect_timeout")),
    ] as [(String, ConnectionStringError.Reason)])
  func refusesWithoutALeak(text: String, reason: ConnectionStringError.Reason) throws {
    let error = try #require(throws: ConnectionStringError.self) { try ConnectionString(text) }
    #expect(error.reason == reason)
    #expect(!"\(error)".contains("SECRET") && !"\(error)".contains("TOP"))
    #expect(!String(reflecting: error).contains("SECRET"))
  }

  @Test(arguments: [
    "postgres://u:SECRET@h/db", "postgres://u:SECRET%40x@h/db", "postgres://:SECRET@h/db",
    "postgres://h/db?password=SECRET", "host=h password=SECRET", "password='SECRET x'",
    "postgres://u:a:SECRET@h,h2:5433/db", "postgres://u:%53ECRET@h", "postgres://u:SECRET#@h",
    "postgres://h/?sslpassword=SECRET", "postgres://u:SECRET@/db?schema=public",
  ])
  func showsNoPassword(text: String) throws {
    let string = try ConnectionString(text)
    var dumped = ""
    dump(string, to: &dumped)
    for shown in [string.description, String(reflecting: string), "\(string)", dumped] {
      #expect(!shown.contains("SECRET"))
    }
  }

  @Test func overridesSettings() throws {
    let string = try ConnectionString("postgres://u@h/db").setting("dbname", to: "other")
      .setting("sslmode", to: "verify-full").withPassword("a b'c")
    #expect(string.database == "other")
    #expect(string.description == "postgresql://u@h/other?sslmode=verify-full")
    #expect(string.environmentForPrograms()["PGPASSWORD"] == "a b'c")
    #expect(throws: ConnectionStringError(reason: .unknownParameter("nonsense"))) {
      try string.setting("nonsense", to: "1")
    }
    #expect(throws: ConnectionStringError(reason: .badValue("sslmode"))) {
      try string.setting("sslmode", to: "sometimes")
    }
  }

  @Test func takesAnApplicationsURLAsItStands() throws {
    let string = try ConnectionString(
      "postgresql://u:p@h:5432/db?schema=public&sslmode=disable&connection_limit=5")
    #expect(string.schema == "public")
    #expect(string.ignoredParameters["connection_limit"] == "5")
    #expect(string.sslMode == "disable")
  }
}
