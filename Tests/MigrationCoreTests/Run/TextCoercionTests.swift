import Testing

@testable import MigrationEngine

/// Lenient readings: what is clear is read, what may mean two things is not.
@Suite struct TextCoercionTests {
  @Test(arguments: [
    ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1,234,567", "1234567"),
    ("1.234.567", "1234567"), ("1 234,5", "1234.5"), ("1'234.5", "1234.5"), ("12,5", "12.5"),
    ("-0,125", "-0.125"), ("1234,567", "1234.567"), ("+1 000", "1000"),
    ("1\u{A0}000", "1000"), (" 7 ", "7"),
  ])
  func numbers(text: String, plain: String) {
    #expect(TextCoercion.number.read(text) == .text(plain))
  }

  @Test(arguments: [
    "1,234", "1.234", "12 34", "1,23,456.7.8", "1,234.5,6", "--5", "twelve", "1e", ",5", "5,",
    "1,,2", "€ 5", "0x10", "1.234 567,8",
  ])
  func noNumbers(text: String) { #expect(TextCoercion.number.read(text) == .unknown) }

  @Test func aNumberIsWrittenWithThePlansPoint() {
    #expect(TextCoercion.number.read("1'234.5", decimal: ",") == .text("1234,5"))
  }

  @Test(arguments: ["", "  ", "-", "NULL", "None", "n/a"])
  func nothingIsNull(text: String) {
    for reading in [TextCoercion.number, .date, .boolean, .uuid] {
      #expect(reading.read(text) == .null)
    }
  }

  @Test(arguments: [
    ("2026/1/31", "2026-01-31"), ("2026.01.31", "2026-01-31"), ("20260131", "2026-01-31"),
    ("31.1.2026", "2026-01-31"), ("31/01/2026", "2026-01-31"), ("01/31/2026", "2026-01-31"),
    ("2/2/2026", "2026-02-02"), ("31 Jan 2026", "2026-01-31"), ("January 31, 2026", "2026-01-31"),
    ("29.2.2024 7:05", "2024-02-29 07:05:00"), ("20260131T10:15:30", "2026-01-31 10:15:30"),
  ])
  func dates(text: String, iso: String) { #expect(TextCoercion.date.read(text) == .text(iso)) }

  @Test(arguments: [
    "01/02/2026", "30.2.2026", "29.2.2100", "1.1.26", "31 Foo 2026", "2026-01-31 25:00",
    "2026-01-31 10:15 PM", "2026", "31.1.2026.5", "10:15", "2026-01-31 10:15+02",
  ])
  func noDates(text: String) { #expect(TextCoercion.date.read(text) == .unknown) }

  @Test func zeroDatesAreNull() {
    #expect(TextCoercion.date.read("0000-00-00") == .null)
    #expect(TextCoercion.date.read("0000-00-00 00:00:00") == .null)
  }

  @Test func wordsForTrueAndFalse() {
    for word in ["Ja", "OUI", "wahr", "active"] {
      #expect(TextCoercion.boolean.read(word) == .text("true"))
    }
    for word in ["nein", "Faux", "disabled", "0.0"] {
      #expect(TextCoercion.boolean.read(word) == .text("false"))
    }
    #expect(TextCoercion.boolean.read("maybe") == .unknown)
    #expect(TextCoercion.trueWords.isDisjoint(with: TextCoercion.falseWords))
  }

  @Test func uuidsLoseTheirWrapping() {
    let uuid = "8a6e0804-2bd0-4672-b79d-d97027f9071a"
    #expect(TextCoercion.uuid.read("{\(uuid)}") == .text(uuid))
    #expect(TextCoercion.uuid.read("urn:uuid:\(uuid)") == .text(uuid))
    #expect(TextCoercion.uuid.read(uuid) == .unknown)
  }

  @Test func textsAreNeverCut() {
    #expect(TextCoercion.blanks.read("  a b  ") == .text("a b"))
    #expect(TextCoercion.blanks.read("a long text") == .unknown)
  }

  /// What is read must not be read as something else again, or a retry would never end.
  @Test func readingsStand() {
    for text in ["1.234,50", "1'234.5", "1,234,567"] {
      guard case .text(let once) = TextCoercion.number.read(text) else { continue }
      let twice = TextCoercion.number.read(once)
      #expect(twice == .unknown || twice == .text(once))
    }
  }
}
