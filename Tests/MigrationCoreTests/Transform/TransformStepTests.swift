import Foundation
import Testing

@testable import MigrationBasics
@testable import MigrationPlan
@testable import MigrationRows

@Suite struct TransformStepTests {
  @Test func textIsTrimmedAndCollapsed() throws {
    #expect(try steps("  a  b \t", .trim) == .text("a  b"))
    #expect(try steps("  a  \n b \t", .collapseBlanks) == .text("a b"))
    #expect(try steps("   ", .trim, .emptyToNull) == .value(nil))
    #expect(try steps("x", .emptyToNull) == .text("x"))
    #expect(try steps(nil, .trim, .collapseBlanks, .lowercase, .uppercase) == .value(nil))
  }

  @Test func caseChangesBeyondASCII() throws {
    #expect(try steps("Straße ŘEKA", .lowercase) == .text("straße řeka"))
    #expect(try steps("Straße řeka ŉ", .uppercase) == .text("STRASSE ŘEKA ʼN"))
    #expect(try steps("Plain Text", .uppercase) == .text("PLAIN TEXT"))
  }

  @Test(arguments: [
    ("+420 777 123 456", "+420777123456"), ("(555) 123-4567", "5551234567"),
    ("555.123/4567", "5551234567"), ("1234567", "1234567"),
    ("123456789012345", "123456789012345"),
  ])
  func phonesAreNormalised(_ phone: String, _ normal: String) throws {
    #expect(try steps(phone, .phone(.quarantine)) == .text(normal))
  }

  @Test(arguments: ["123456", "1234567890123456", "call me", "555+1234567", "555-1234 x12", ""])
  func badPhonesFollowThePolicy(_ phone: String) throws {
    #expect(try steps(phone, .phone(.quarantine)) == .rejected(.badPhone))
    #expect(try steps(phone, .phone(.null)) == .value(nil))
    #expect(try steps(phone, .phone(.keep)) == .text(phone))
  }

  @Test(arguments: [
    "a@b.cz", "first.last+tag@sub.example.co.uk", "o'brien@example.com", "čeněk@příklad.cz",
    String(repeating: "x", count: 64) + "@example.com",
  ])
  func emailsAreKept(_ email: String) throws {
    #expect(try steps(email, .email(.quarantine)) == .text(email))
  }

  @Test(arguments: [
    "", "a", "@b.cz", "a@", "a@b", "a@@b.cz", "a@b@c.cz", "a b@c.cz", "a@.cz", "a@b.", "a@b..cz",
    "a@-b.cz", "a@b-.cz", ".a@b.cz", "a.@b.cz", "a..b@c.cz", "a@b_c.cz", "a\u{7}@b.cz",
    String(repeating: "x", count: 65) + "@example.com", "<a@b.cz>",
    "a@" + String(repeating: "x", count: 250) + ".cz",
  ])
  func badEmailsFollowThePolicy(_ email: String) throws {
    #expect(try steps(email, .email(.quarantine)) == .rejected(.badEmail))
    #expect(try steps(email, .email(.null)) == .value(nil))
    #expect(try steps(email, .email(.keep)) == .text(email))
  }

  @Test func truncationCountsCharactersAndWarns() throws {
    let bench = try Bench(
      [("v", Types.text)],
      [("c", Types.varchar(3), .step(.source(["v"]), .truncate(3)))])
    #expect(bench.outcome([Wire.text("čšřž")]) == .text("čšř"))
    #expect(bench.outcome([Wire.text("čšř")]) == .text("čšř"))
    #expect(bench.outcome([Wire.text("abcdef")]) == .text("abc"))
    #expect(bench.warnings("c", .truncated) == 2)
    #expect(bench.machine.takeWarnings().total == 2)
    #expect(bench.machine.warnings.total == 0)
  }

  @Test func nulBytesAreRefusedStrippedOrReplaced() throws {
    #expect(try steps("a\0b") == .rejected(.nulByte))
    #expect(try steps("a\0b", .nul(.quarantine)) == .rejected(.nulByte))
    #expect(try steps("a\0b\0", .nul(.strip)) == .text("ab"))
    #expect(try steps("a\0b", .nul(.replace)) == .text("a\u{FFFD}b"))
    #expect(try steps("ab", .nul(.strip)) == .text("ab"))
  }

  @Test func maskingShowsOnlyTheLastCharacters() throws {
    #expect(try steps("4111222233334444", .mask(keepLast: 4)) == .text("************4444"))
    #expect(try steps("žluť", .mask(keepLast: 2)) == .text("**uť"))
    #expect(try steps("abc", .mask(keepLast: 3)) == .text("***"))
    #expect(try steps("abc", .mask(keepLast: 0)) == .text("***"))
  }

  @Test func hashesAreKeyedDigests() throws {
    // From: printf 'what do ya want for nothing?' | openssl dgst -sha256 -hmac key
    let bench = try Bench(
      [("v", Types.text)], [("c", Types.text, .step(.source(["v"]), .hash))],
      hashKey: Array("Jefe".utf8))
    #expect(
      bench.outcome([Wire.text("what do ya want for nothing?")])
        == .text("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
  }

  @Test(arguments: ["Y", "yes", "TRUE", " t ", "1", "on"])
  func wordsForTrue(_ word: String) throws {
    let step = RuleStep.boolean(truthy: [], falsy: [], .quarantine)
    #expect(try steps(word, step, to: Types.bool) == .value([1]))
  }

  @Test func booleanWordsOfThePlan() throws {
    let step = RuleStep.boolean(truthy: ["Ano", "X"], falsy: ["Ne", ""], .null)
    #expect(try steps("ANO", step, to: Types.bool) == .value([1]))
    #expect(try steps("ne", step, to: Types.bool) == .value([0]))
    #expect(try steps("", step, to: Types.bool) == .value([0]))
    #expect(try steps("maybe", step, to: Types.bool) == .value(nil))
    #expect(
      try steps("maybe", .boolean(truthy: [], falsy: [], .quarantine), to: Types.bool)
        == .rejected(.notBoolean))
  }

  @Test(arguments: [
    ("1.234,50", ",", ".", "1234.50"), ("1 234 567,5", ",", " ", "1234567.5"),
    ("12,34,567.00", ".", ",", "1234567.00"), ("-5", ".", ",", "-5"), ("+7.5", ".", "", "7.5"),
    (" 42 ", ".", "", "42"), ("1'000", ".", "'", "1000"), ("1\u{A0}000", ",", "\u{A0}", "1000"),
  ])
  func numbersWithSeparators(
    _ text: String, _ decimal: String, _ grouping: String, _ plain: String
  ) throws {
    let step = RuleStep.number(decimal: decimal, grouping: grouping, .quarantine)
    #expect(try steps(text, step) == .text(plain))
  }

  @Test(arguments: ["1.23,50", "1,2,3", "abc", "", "1.234.5", "--5", "1,5,", ".234"])
  func badNumbersWithSeparators(_ text: String) throws {
    let step = RuleStep.number(decimal: ",", grouping: ".", .quarantine)
    #expect(try steps(text, step) == .rejected(.notANumber))
    #expect(try steps(text, .number(decimal: ",", grouping: ".", .null)) == .value(nil))
  }

  @Test(arguments: [
    ("01.05.2024", "dd.MM.yyyy", "2024-05-01"), ("1.5.2024", "d.M.yyyy", "2024-05-01"),
    ("May 1, 2024", "MMM d, yyyy", "2024-05-01"), ("1 december 69", "d MMM yy", "2069-12-01"),
    ("01/05/70", "MM/dd/yy", "1970-01-05"),
    ("20240501T123000", "yyyyMMdd'T'HHmmss", "2024-05-01 12:30:00"),
    ("2024-05-01 12:30:05.25", "yyyy-MM-dd HH:mm:ss.SSS", "2024-05-01 12:30:05.25"),
    ("1.5.2024 1:05 PM", "d.M.yyyy h:mm a", "2024-05-01 13:05:00"),
    ("1.5.2024 12:05 am", "d.M.yyyy h:mm a", "2024-05-01 00:05:00"),
    ("2024-05-01 12:30 +0200", "yyyy-MM-dd HH:mm Z", "2024-05-01 10:30:00+00"),
    ("23:15", "HH:mm", "23:15:00"),
  ])
  func datesInOtherFormats(_ text: String, _ format: String, _ date: String) throws {
    let step = RuleStep.date(
      formats: ["yyyy", format].dropFirst().map { $0 }, timeZone: nil, .null)
    #expect(try steps(text, step) == .text(date))
  }

  @Test func datesTryEachFormatAndKeepTheZone() throws {
    let formats = ["yyyy-MM-dd", "dd.MM.yyyy HH:mm"]
    let step = RuleStep.date(formats: formats, timeZone: "Europe/Prague", .quarantine)
    #expect(try steps("2024-05-01", step) == .text("2024-05-01"))
    #expect(try steps("01.05.2024 12:00", step) == .text("2024-05-01 10:00:00+00"))
    #expect(try steps("31.02.2024 12:00", step) == .rejected(.notADate))
    #expect(try steps("1.5.2024", step) == .rejected(.notADate))
    #expect(
      try steps("x", .date(formats: formats, timeZone: nil, .keep)) == .text("x"))
  }

  @Test func mapsTranslateValues() throws {
    let pairs: [String: JSONValue] = ["A": "active", "I": "inactive", "X": nil, "7": 7]
    #expect(try steps("A", .map(pairs, otherwise: .policy(.quarantine))) == .text("active"))
    #expect(try steps("X", .map(pairs, otherwise: .policy(.quarantine))) == .value(nil))
    #expect(try steps("7", .map(pairs, otherwise: .policy(.quarantine))) == .text("7"))
    #expect(
      try steps("?", .map(pairs, otherwise: .policy(.quarantine))) == .rejected(.notInList))
    #expect(try steps("?", .map(pairs, otherwise: .policy(.keep))) == .text("?"))
    #expect(try steps("?", .map(pairs, otherwise: .value("other"))) == .text("other"))
    #expect(try steps(nil, .map(pairs, otherwise: .value("other"))) == .value(nil))
    let number = try transform(
      Wire.integer(Int32(7)), Types.int4, to: Types.text,
      .step(.source(["v"]), .map(pairs, otherwise: .policy(.quarantine))))
    #expect(number == .text("7"))
  }

  @Test func boundsCompareExactly() throws {
    let big = "9007199254740993"
    #expect(try steps(big, .minimum(big, .quarantine)) == .text(big))
    #expect(try steps("9007199254740992", .minimum(big, .quarantine)) == .rejected(.tooSmall))
    #expect(try steps("9007199254740994", .maximum(big, .quarantine)) == .rejected(.tooLarge))
    #expect(try steps("-0.01", .minimum("0", .null)) == .value(nil))
    #expect(try steps("0.00", .minimum("0", .quarantine)) == .text("0.00"))
    #expect(try steps("abc", .minimum("0", .quarantine)) == .rejected(.notANumber))
    #expect(try steps("NaN", .maximum("5", .quarantine)) == .rejected(.tooLarge))
    #expect(
      try steps("1999-12-31", .minimum("2000-01-01", .quarantine)) == .rejected(.tooSmall))
    #expect(try steps("2000-01-01", .minimum("2000-01-01", .quarantine)) == .text("2000-01-01"))
  }

  @Test func listsAndCurrencies() throws {
    #expect(try steps("b", .oneOf(["a", "b"], .quarantine)) == .text("b"))
    #expect(try steps("B", .oneOf(["a", "b"], .quarantine)) == .rejected(.notInList))
    #expect(try steps("CZK", .currencyCode(.quarantine)) == .text("CZK"))
    #expect(try steps("czk", .currencyCode(.quarantine)) == .rejected(.badCurrency))
    #expect(try steps("ABC", .currencyCode(.keep)) == .text("ABC"))
    #expect(CurrencyCodes.all.allSatisfy { $0.utf8.count == 3 })
    #expect(Set(CurrencyCodes.all).count == CurrencyCodes.all.count)
  }

  @Test func roundingIsAskedFor() throws {
    let money = Types.numeric(6, 2)
    #expect(try steps("1.005", to: money) == .rejected(.scale))
    #expect(try steps("1.005", .round, to: money) == .value(try Wire.numeric("1.01")))
    #expect(try steps("-1.005", .round, to: money) == .value(try Wire.numeric("-1.01")))
    #expect(try steps("9999.995", .round, to: money) == .rejected(.outOfRange))
    #expect(try steps("2.5", .round, to: Types.int4) == .value(Wire.integer(Int32(3))))
    #expect(try steps("99.5", .round, to: Types.int4) == .value(Wire.integer(Int32(100))))
    #expect(
      try steps("1250", .round, to: Types.numeric(3, -2)) == .value(try Wire.numeric("1300")))
    #expect(
      try steps("2024-05-01 23:59", .round, to: Types.date)
        == .value(Wire.integer(Int32(8887))))
    #expect(
      try steps("2000-01-01 00:00:00.5", .round, to: Types.timestamp(0))
        == .value(Wire.integer(Int64(1_000_000))))
  }

  @Test func requiredNamesItsSources() throws {
    let bench = try Bench(
      [("a", Types.text), ("b", Types.text)],
      [("c", Types.text, .step(.source(["a", "b"]), .required))])
    #expect(bench.outcome([nil, Wire.text("x")]) == .text("x"))
    #expect(bench.run([nil, nil]) == nil)
    let reject = bench.machine.reject
    #expect(reject.reason == .missing)
    #expect(reject.column == "c")
    #expect(reject.sources == ["a", "b"])
    #expect(reject.code == .data)
    #expect(reject.hint.hasPrefix("a, b had no value"))
  }

  @Test func defaultsFillNulls() throws {
    #expect(try steps(nil, .otherwise(.constant("x"))) == .text("x"))
    #expect(try steps("y", .otherwise(.constant("x"))) == .text("y"))
    let late = Rule.step(.constant("7x"), .number(decimal: ".", grouping: "", .quarantine))
    #expect(try steps("y", .otherwise(late)) == .text("y"))
    #expect(try steps(nil, .otherwise(late)) == .rejected(.notANumber))
  }
}
