import MigrationCore
import Testing

/// Whatever the bytes, a parser returns or throws; a trap or an endless loop would fail the run.
@Suite("Parsers on damaged input")
struct TextFuzzTests {
  static let plan = """
    /* plan */ {name: 'nxt', "tables": [{rows: 0x10, x: [1.5e3, -Infinity, "\\u00e9\\x41"]},],
    "text": "a\\nb", big: 12345678901234567890, // end
    }
    """
  static let settings = """
    # settings
    export DATABASE_URL="postgres://u:p@host/db"
    A='x\ny' # c
    B=bare value # comment
    """

  @Test("JSON5 never crashes, in either dialect", arguments: 0..<20)
  func json(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let alphabet = Array("{}[]:,'\"\\/*u0x1eE+-.InfityNa \n\r\u{2028}é".utf8)
    for _ in 0..<150 {
      let inputs = [
        random.bytes(upTo: 64), random.bytes(upTo: 64, from: alphabet),
        random.mutate(Array(Self.plan.utf8)),
      ]
      for input in inputs {
        for dialect in [JSON5.Dialect.json5, .json] {
          let node = try? JSON5.parse(bytes: input, dialect: dialect)
          check(node)
        }
      }
    }
  }

  /// What was read can be written and read again, and stays what it is.
  private func check(_ node: JSONNode?) {
    guard let node else { return }
    let written = node.value.compact
    #expect((try? JSONValue.parse(written))?.compact == written)
  }

  @Test("settings files never crash, and never show a value in an error", arguments: 0..<20)
  func dotEnv(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let alphabet = Array("AB=export '\"\\# \n\r\tn$é".utf8)
    for _ in 0..<200 {
      _ = try? DotEnvFile.parse(bytes: random.bytes(upTo: 64))
      _ = try? DotEnvFile.parse(bytes: random.bytes(upTo: 64, from: alphabet))
      let mutated = random.mutate(Array(Self.settings.utf8))
      do {
        _ = try DotEnvFile.parse(bytes: mutated)
      } catch {
        #expect(error.excerpt == nil)
        #expect(!error.description.contains("postgres"))
      }
    }
  }

  @Test("database URLs and redaction never crash", arguments: 0..<10)
  func urls(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let seeds = [
      "postgres://user:p%40ss@[::1]:5432,host/db?sslmode=require&password=x",
      "mongodb+srv://user:pass@host/db?authSource=admin", "host=a password='b c' port=1",
    ]
    for _ in 0..<300 {
      let bytes = random.mutate(Array((seeds.randomElement(using: &random) ?? "").utf8))
      let text = String(decoding: bytes, as: UTF8.self)
      if let url = try? DatabaseURL(text) {
        #expect((try? DatabaseURL(url.connectionString))?.password == url.password)
      }
      _ = Redactor().scrub(text)
    }
  }
}
