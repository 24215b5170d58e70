import Mongo
import Testing

@Suite struct ClientURLTests {
  @Test func readsEveryPart() throws {
    let url = try MongoURL(
      "mongodb://ann:s%40crt@one:27018,two/shop?replicaSet=rs0&tls=true&authSource=admin"
        + "&readPreference=secondaryPreferred&readConcernLevel=majority&appName=test"
        + "&serverSelectionTimeoutMS=1500&connectTimeoutMS=2500&socketTimeoutMS=3500"
        + "&tlsCAFile=/etc/ca.pem&compressors=zlib")
    #expect(url.hosts == ["one:27018", "two:27017"])
    #expect(url.database == "shop")
    #expect(url.userName == "ann")
    #expect(url.hasPassword)
    #expect(url.replicaSet == "rs0")
    #expect(url.tls)
    #expect(url.tlsCAFile == "/etc/ca.pem")
    #expect(url.authSource == "admin")
    #expect(url.readPreference == .secondaryPreferred)
    #expect(url.readConcern == .majority)
    #expect(url.appName == "test")
    #expect(url.serverSelectionTimeout == .milliseconds(1500))
    #expect(url.connectTimeout == .milliseconds(2500))
    #expect(url.socketTimeout == .milliseconds(3500))
    #expect(url.unknownOptions.isEmpty)
    #expect(!url.usesSRV)
  }

  @Test func changesOptionsInACopyOnly() throws {
    let original = try MongoURL("mongodb://host/db")
    var copy = original
    copy.tls = true
    copy.readPreference = .nearest
    copy.readConcern = .local
    copy.directConnection = true
    copy.database = "other"
    copy.socketTimeout = .seconds(9)
    copy.setPassword("secret")
    try copy.setCompressors("zstd,zlib")
    #expect(throws: MongoURLError.self) { try copy.setCompressors("rot13") }
    #expect(copy.tls && copy.directConnection && copy.hasPassword)
    #expect(copy.readPreference == .nearest)
    #expect(copy.readConcern == .local)
    #expect(copy.database == "other")
    #expect(copy.socketTimeout == .seconds(9))
    #expect(!original.tls && !original.directConnection && !original.hasPassword)
    #expect(original.readPreference == .primary)
    #expect(original.readConcern == nil)
    #expect(original.database == "db")
  }

  @Test func readsSRVWithoutLookingItUp() throws {
    let url = try MongoURL("mongodb+srv://ann:pw@cluster0.example.invalid/shop")
    #expect(url.usesSRV)
    #expect(url.tls)
    #expect(url.hosts == ["cluster0.example.invalid"])
  }

  @Test func showsNoSecretInAnyDescription() throws {
    let url = try MongoURL(
      "mongodb://ann:hunter2@h:1/db?replicaSet=r&tls=true&tlsCertificateKeyFilePassword=hunter3")
    var dumped = ""
    dump(url, to: &dumped)
    for text in ["\(url)", String(reflecting: url), dumped] {
      #expect(!text.contains("hunter"))
      #expect(!text.contains("ann"))
    }
    #expect("\(url)" == "mongodb://h:1/db?replicaSet=r&tls=true")
  }

  @Test func namesMisspelledOptions() throws {
    let url = try MongoURL("mongodb://h/?tlsCaFiel=x&appname=y")
    #expect(url.unknownOptions == ["tlsCaFiel"])
  }

  @Test(arguments: [
    ("mongodb://ann:s3c@ret@host:1/db", MongoURLError.Reason.unescaped("@")),
    ("mongodb+srv://ann:s3c@ret@host/db", .unescaped("@")),
    ("mongodb://ann:s3c:ret@host:1/db", .unescaped(":")),
    ("mongodb://ann:s3c/ret@host:1/db", .unescaped("/")),
    ("mongodb://ann:s3c/r@et@host:1/db", .unescaped("/")),
    ("mongodb://ann:s3c?ret@host:1/db", .unescaped("?")),
    ("mongodb://ann:123/s3cret@host:1/db", .unescaped("/")),
    ("mongodb://ann:s3c,ret/s3cret@host:1/db", .unescaped("/")),
    ("mongodb://ann:s3c#ret@host:1/db", .unescaped("#")),
    ("mongodb://ann:s3c[ret@host:1/db", .unescaped("[")),
    ("mongodb://ann:s3cret%@host:1/db", .percentEscape),
    ("mongodb://ann:s3cret%zz@host:1/db", .percentEscape),
    ("mongodb://ann:s3cret", .port),
    ("mongodb://ann:s3cret/db", .port),
    ("postgres://ann:s3cret@host/db", .scheme),
    ("", .scheme),
  ])
  func refuses(_ text: String, _ reason: MongoURLError.Reason) {
    let error = #expect(throws: MongoURLError.self) { try MongoURL(text) }
    #expect(error?.reason == reason)
    #expect(error?.description.contains("s3c") == false)
    #expect(error?.description.contains("ann") == false)
  }

  @Test(arguments: [
    "mongodb://ann:s3cret@", "mongodb://ann:s3cret@/db", "mongodb://ann:s3cret@host:99999/db",
    "mongodb://ann:s3cret@host:1/d.b", "mongodb://ann:s3cret@host/?readPreference=s3cond",
    "mongodb://ann:s3cret@host/?tls=s3maybe", "mongodb://ann:s3cret%ff@host/",
    "mongodb://ann:s3cret@host/?directConnection=true&tlsCertificateKeyFilePassword=s3c%zz",
    "mongodb+srv://ann:s3cret@host:27017/db", "mongodb+srv://ann:s3cret@one.a.b,two.a.b/db",
  ])
  func hidesSecretsInWhatTheDriverRefuses(_ text: String) {
    do {
      let url = try MongoURL(text)
      #expect(!"\(url)".contains("s3c"))
    } catch {
      #expect(!error.description.contains("s3cret"))
      #expect(!error.description.contains("ann"))
      #expect(!error.description.contains("s3c%"))
    }
  }

  @Test(arguments: [
    "mongodb://host/?appName=a@b", "mongodb://host:27017/?appName=a@b",
    "mongodb://h:1,i:2/db?appName=a@b", "mongodb://[::1]:27017/db",
    "mongodb://%2Ftmp%2Fmongodb-27017.sock/db", "mongodb://ann@host/db",
    "mongodb://ann:%40%3A%2F%3F%23%25@host/db",
  ])
  func accepts(_ text: String) throws { _ = try MongoURL(text) }
}
