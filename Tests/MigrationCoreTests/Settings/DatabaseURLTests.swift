import MigrationCore
import Testing

@Suite("Database URLs")
struct DatabaseURLTests {
  @Test("takes a URL apart")
  func parts() throws {
    let url = try DatabaseURL(
      "postgres://us%65r:p%40s%2Fs@h1:5433,[::1]:6000,%2Fvar%2Frun/my%20db?sslmode=require")
    #expect(url.kind == .postgres)
    #expect(url.user == "user")
    #expect(url.password == "p@s/s")
    #expect(url.hosts.map(\.name) == ["h1", "::1", "/var/run"])
    #expect(url.hosts.map(\.port) == [5433, 6000, nil])
    #expect(url.database == "my db")
    #expect(
      url.redacted
        == "postgres://us%65r:***@h1:5433,[::1]:6000,%2Fvar%2Frun/my%20db?sslmode=require")
  }

  @Test(
    "takes every usual form",
    arguments: [
      ("postgresql://host/db", DatabaseURL.Kind.postgres), ("postgres:///db", .postgres),
      ("postgres://?service=production", .postgres), ("postgres://host", .postgres),
      ("postgres://user@host:5432/", .postgres), ("POSTGRES://host/db", .postgres),
      ("host=/run/postgresql dbname='my db' user=u", .postgres), ("service=production", .postgres),
      ("mongodb://h1:27017,h2:27018,h3/db?replicaSet=rs0", .mongo), ("mongodb://h", .mongo),
      ("mongodb+srv://user:pass@cluster.example.net/db", .mongo), ("mongodb://h?tls=true", .mongo),
      ("/backups/nextcrm", .dump), ("./dump.archive.gz", .dump), ("dump:nextcrm", .dump),
      ("  postgres://host/db\n", .postgres),
    ])
  func forms(text: String, kind: DatabaseURL.Kind) throws {
    #expect(try DatabaseURL(text).kind == kind)
  }

  /// What libpq and libmongoc were seen to do with `scheme://us:PASSWORD@h1,h2:27018/db`.
  @Test(
    "refuses a password that the client libraries would misread, and says how to write it",
    arguments: [
      ("a@b", "postgres", "%40"), ("a@b", "mongodb", "%40"), ("a/b", "postgres", "%2F"),
      ("a/b", "mongodb", "%2F"), ("a%b", "postgres", "%25"), ("a%zz", "mongodb", "%25"),
      ("a:b", "mongodb", "%3A"), ("a/b@c", "postgres", "%2F"), ("a@b/c", "postgres", "%40"),
      ("12/x", "postgres", "%2F"), ("?x/y", "postgres", "%3F"), ("#a/b", "mongodb", "%2F"),
      ("a@b?c=d", "postgres", "%40"), ("%", "postgres", "%25"), ("a%4", "mongodb", "%25"),
    ])
  func unescaped(password: String, scheme: String, written: String) {
    let error = #expect(throws: DatabaseURLError.self) {
      try DatabaseURL("\(scheme)://us:\(password)@h1,h2:27018/db")
    }
    #expect(error?.description.contains(written) == true)
    #expect(error?.message.contains(password) == (password.count == 1))
  }

  @Test(
    "reads a password that the client libraries read, and warns where other programs do not",
    arguments: [
      ("a$b", "postgres", true), ("a:b", "postgres", true), ("a?b", "postgres", true),
      ("a#b", "mongodb", true), ("a[b", "mongodb", true), ("a'b", "postgres", false),
      ("a,b=c&d+e", "mongodb", false), ("a b", "postgres", false), ("aé", "mongodb", false),
    ])
  func odd(password: String, scheme: String, isWarned: Bool) throws {
    let url = try DatabaseURL("\(scheme)://us:\(password)@h1,h2:27018/db")
    #expect(url.password == password)
    #expect(url.hosts.map(\.name) == ["h1", "h2"])
    #expect(url.database == "db")
    #expect(!url.cautions.isEmpty == isWarned)
    #expect(!url.cautions.joined().contains(password))
    #expect(!"\(url)\(url.debugDescription)\(String(reflecting: url))".contains(password))
  }

  @Test(
    "refuses what is no database",
    arguments: [
      ("mysql://u:secret@h/db", DatabaseURLError.Code.scheme), ("localhost:5432/db", .scheme),
      ("$PRODUCTION_URL", .scheme), ("", .scheme), ("secret", .scheme),
      ("postgres://u:secret@host:port/db", .port), ("postgres://h:99999/db", .port),
      ("postgres://u:secret@/db?x", .parameter), ("mongodb:///db", .host),
      ("mongodb+srv://h1,h2/db", .host), ("mongodb+srv://h:27017/db", .host),
      ("postgres://h o s t/db", .host), ("postgres://[zz]/db", .host), ("postgres://h,/db", .host),
      ("postgres://host?user=a@b", .unescaped), ("host=x password='secret", .parameter),
      ("host=x secret", .parameter), ("secret://x://", .scheme),
    ])
  func wrong(text: String, code: DatabaseURLError.Code) {
    let error = #expect(throws: DatabaseURLError.self) { try DatabaseURL(text) }
    #expect(error?.code == code)
    if !text.hasPrefix("secret:") { #expect(error?.description.contains("secret") == false) }
  }

  @Test("hides secrets among the parameters and keywords too")
  func redaction() throws {
    let url = try DatabaseURL("postgres://h/db?user=u&password=s3cr%65t&sslpassword=x1y2")
    #expect(url.redacted == "postgres://h/db?user=u&password=***&sslpassword=***")
    #expect(url.password == "s3cret")
    let keywords = try DatabaseURL("host=h password='it\\'s a \\\\' dbname = db")
    #expect(keywords.password == "it's a \\")
    #expect(keywords.redacted == "host=h password=*** dbname=db")
    #expect(
      try DatabaseURL(keywords.connectionString).password == "it's a \\")
  }

  @Test(
    "takes a password from elsewhere, whatever is in it",
    arguments: ["p@ss:w/rd?#[%41]", "it's \\ 'quoted'", "é😀 &=;", "a"])
  func merging(password: String) throws {
    for text in [
      "postgres://u@h/db?sslmode=require", "postgres://u:old@h/db", "postgres://h/db?password=old",
      "mongodb://u@h1,h2/db?authSource=admin", "host=h dbname=db password=old", "postgres:///db",
    ] {
      let url = try DatabaseURL(text).with(password: password)
      #expect(url.password == password)
      #expect(url.database == "db")
      #expect(try DatabaseURL(url.connectionString) == url)
      #expect(!url.redacted.contains("old"))
    }
    #expect(throws: DatabaseURLError.self) {
      try DatabaseURL("mongodb://h/db").with(password: password)
    }
    #expect(throws: DatabaseURLError.self) { try DatabaseURL("/dump").with(password: password) }
  }
}
