import MigrationCore
import Testing

@Suite("Redaction")
struct RedactorTests {
  @Test(
    "hides a password in every spelling",
    arguments: [
      "hunter2", "p@ss/w:rd", "it's \"odd\"", "back\\slash", "é😀ü!", "100%sure", "a b\nc",
    ])
  func spellings(password: String) throws {
    let url = try DatabaseURL("postgres://u@h/db").with(password: password)
    let redactor = Redactor(urls: [url])
    let encoded = url.connectionString
    let json = JSONValue.text(password).compact
    let texts = [
      "tried \(password) twice: \(password)", encoded, encoded.lowercased(), json,
      "host=h password='\(password)' dbname=db", "PGPASSWORD=\(password)",
    ]
    for text in texts {
      let scrubbed = redactor.scrub(text)
      #expect(!scrubbed.contains(password))
      #expect(scrubbed.contains("***"))
    }
    #expect(redactor.scrub(json) == "\"***\"")
  }

  @Test(
    "hides what looks like a password, though nobody told of it",
    arguments: [
      ("at postgres://u:never@h/db.", "at postgres://u:***@h/db."),
      ("mongodb+srv://u:p@ss/w0rd@h", "mongodb+srv://u:***@h"),
      ("'amqp://u:x@h' and \"http://u:y@h\"", "'amqp://u:***@h' and \"http://u:***@h\""),
      ("host=h password=never dbname=db", "host=h password=*** dbname=db"),
      ("password='ne\\'ver a' x", "password=*** x"), ("PGPASSWORD=a psql", "PGPASSWORD=*** psql"),
      ("postgres://h/db?password=x&a=b", "postgres://h/db?password=***&a=b"),
      ("postgres://:x@h", "postgres://:***@h"),
    ])
  func patterns(text: String, scrubbed: String) {
    #expect(Redactor().scrub(text) == scrubbed)
  }

  @Test(
    "leaves alone what is no secret",
    arguments: [
      "postgres://h:5432/db", "postgres://u@h:5432/db", "mail to a@b.example: urgent", "12:30@x",
      "password: wrong", "password=", "see https://example.com/a:b and x@y", "", "://", "x://",
    ])
  func harmless(text: String) {
    #expect(Redactor().scrub(text) == text)
  }

  @Test("hides a short secret, or one that is also a name, only where it is one")
  func names() throws {
    let urls = [
      try DatabaseURL("postgres://postgres:postgres@db/postgres"),
      try DatabaseURL("postgres://me:1@db/x"),
    ]
    let redactor = Redactor(urls: urls)
    #expect(redactor.scrub("1 row from postgres") == "1 row from postgres")
    #expect(redactor.scrub(urls[0].connectionString) == "postgres://postgres:***@db/postgres")
    #expect(redactor.scrub(urls[1].connectionString) == "postgres://me:***@db/x")
  }

  @Test("hides the longer of two secrets whole")
  func overlapping() {
    let redactor = Redactor(urls: [], secrets: ["pass", "password1"])
    #expect(redactor.scrub("password1 pass") == "*** ***")
  }
}
