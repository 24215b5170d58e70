import Foundation
import Testing

@testable import MigrationRows

@Suite struct TransformNumberTests {
  private func numeric(_ text: String, _ body: (Slot, inout Arena) -> Void) {
    var arena = Arena()
    defer { arena.free() }
    (Array(text.utf8) + [0]).withUnsafeBytes { bytes in
      let slot = NumericMaker.make(
        bytes.baseAddress.unsafelyUnwrapped, bytes.count - 1, in: &arena)
      body(slot, &arena)
    }
  }

  private func roundTrip(_ text: String) -> String? {
    var result: String?
    numeric(text) { slot, _ in result = TextForm.string(slot) }
    return result
  }

  @Test func theBinaryFormIsPostgreSQLs() throws {
    // What the server sends for these, taken from numeric_send.
    #expect(try Wire.numeric("12345.678") == Wire.numeric([1, 2345, 6780], weight: 1, scale: 3))
    #expect(try Wire.numeric("0") == Wire.numeric([], weight: 0, scale: 0))
    #expect(
      try Wire.numeric("-0.00012") == Wire.numeric([1, 2000], weight: -1, sign: 0x4000, scale: 5))
    #expect(try Wire.numeric("1e8") == Wire.numeric([1], weight: 2, scale: 0))
    #expect(try Wire.numeric("0.00000001") == Wire.numeric([1], weight: -2, scale: 8))
    #expect(try Wire.numeric("NaN") == Wire.numeric([], weight: 0, sign: 0xC000, scale: 0))
  }

  @Test func whatNoServerSendsIsDamaged() throws {
    let damaged: [[UInt8]] = [
      Wire.numeric([-1, 2], weight: 1, scale: 0), Wire.numeric([10_000], weight: 0, scale: 0),
      Wire.numeric([1], weight: 0, sign: 0x1234, scale: 0),
      Wire.numeric([1], weight: 0, scale: -1), [0, 1],
    ]
    for bytes in damaged {
      for type in [Types.int8, Types.numeric, Types.text, Types.float8, Types.numeric(10, 2)] {
        #expect(try transform(bytes, Types.numeric, to: type) == .rejected(.corruptRow))
      }
    }
  }

  @Test(arguments: [[], [Int16(0)], [0, 0, 0]])
  func aZeroIsAZeroWhateverItsWeight(_ digits: [Int16]) throws {
    for weight in [Int16.min, -5, -2, 0, 3, .max] {
      let zero = Wire.numeric(digits, weight: weight, scale: 0)
      #expect(try transform(zero, Types.numeric, to: Types.int4) == .value(Wire.integer(Int32(0))))
    }
  }

  @Test(arguments: [
    ("007", "7"), ("-0", "0"), ("+.5", "0.5"), ("5.", "5"), ("1.50", "1.50"), ("1e3", "1000"),
    ("1.5e-3", "0.0015"), ("-12e2", "-1200"), ("1E+2", "100"), ("infinity", "Infinity"),
    ("-inf", "-Infinity"), ("nan", "NaN"), ("0.0", "0.0"), ("100000000", "100000000"),
    ("10000.0001", "10000.0001"),
  ])
  func numbersAreReadAndShown(_ text: String, _ shown: String) {
    #expect(roundTrip(text) == shown)
  }

  @Test(arguments: ["", "-", ".", "1.2.3", "1e", "e5", " 1", "1 ", "1,5", "0x10", "--1", "1_000"])
  func whatIsNoNumberIsRefused(_ text: String) {
    #expect(roundTrip(text) == "notANumber")
  }

  @Test func limitsOfNumeric() {
    #expect(roundTrip("1e131071")?.utf8.count == 131_072)
    #expect(roundTrip("1e131072") == "outOfRange")
    #expect(roundTrip("1e-16383")?.utf8.count == 16_385)
    #expect(roundTrip("1e-16384") == "outOfRange")
    #expect(roundTrip("1e99999999999") == "outOfRange")
  }

  @Test func randomNumbersSurvive() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      let whole = String(
        (0..<Int.random(in: 1...30)).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
      let places = String(
        (0..<Int.random(in: 0...30)).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
      let text = whole + (places.isEmpty ? "" : "." + places)
      let trimmed = String(whole.drop { $0 == "0" })
      let expected = (trimmed.isEmpty ? "0" : trimmed) + (places.isEmpty ? "" : "." + places)
      #expect(roundTrip(text) == expected)
      let isZero = !text.contains { $0 != "0" && $0 != "." }
      #expect(roundTrip("-" + text) == (isZero ? expected : "-" + expected))
    }
  }

  @Test func comparisonAgreesWithDecimal() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      let texts = (0..<2).map { _ in
        "\(Int.random(in: -20000...20000, using: &random)).\(Int.random(in: 0...9999, using: &random))"
      }
      let decimals = try texts.map { try #require(Decimal(string: $0)) }
      numeric(texts[0]) { left, _ in
        numeric(texts[1]) { right, _ in
          let order = NumericView.compare(left.numeric, right.numeric)
          #expect(order == (decimals[0] < decimals[1] ? -1 : decimals[0] == decimals[1] ? 0 : 1))
        }
      }
    }
  }

  @Test func roundingAgreesWithDecimal() throws {
    for _ in 0..<3000 {
      let text = "\(Int.random(in: -99999...99999)).\(Int.random(in: 0...99999))"
      let scale = Int.random(in: -4...6)
      var value = try #require(Decimal(string: text))
      var rounded = Decimal()
      // Foundation's plain rounding takes halves away from zero, as PostgreSQL does.
      NSDecimalRound(&rounded, &value, scale, .plain)
      numeric(text) { slot, arena in
        let result = NumericMaker.round(slot.numeric, scale: scale, in: &arena)
        let shown = TextForm.string(result)
        #expect(shown.flatMap { Decimal(string: $0) } == rounded, "\(text) to \(scale)")
      }
    }
  }

  @Test func wholeNumbersToTheEdge() {
    for number in [Int64.min, Int64.min + 1, -1, 0, 1, 9999, 10000, 10001, Int64.max] {
      numeric(String(number)) { slot, arena in
        #expect(slot.numeric.wholeNumber == number)
        let made = NumericMaker.make(number, in: &arena)
        #expect(NumericView.compare(made.numeric, slot.numeric) == 0)
        #expect(TextForm.string(made) == String(number))
        #expect(TextForm.string(.int(number)) == String(number))
      }
    }
    numeric("9223372036854775808") { slot, _ in #expect(slot.numeric.wholeNumber == nil) }
    numeric("-9223372036854775809") { slot, _ in #expect(slot.numeric.wholeNumber == nil) }
    numeric("1.5") { slot, _ in #expect(slot.numeric.wholeNumber == nil) }
    numeric("2.000") { slot, _ in #expect(slot.numeric.wholeNumber == 2) }
  }

  @Test func neededScaleAndDigits() {
    let cases: [(String, Int, Int)] = [
      ("1.500", 1, 1), ("0.01", 2, -1), ("12345", 0, 5), ("100.00", 0, 3), ("0.00010", 4, -3),
      ("10000", 0, 5), ("9999.9999", 4, 4),
    ]
    for (text, scale, digits) in cases {
      numeric(text) { slot, _ in
        #expect(slot.numeric.neededScale == scale, "\(text)")
        #expect(slot.numeric.integerDigits == digits, "\(text)")
      }
    }
  }

  @Test func equalNumbersHaveEqualKeys() throws {
    let bench = try Bench(
      [("v", Types.numeric)], [("c", Types.numeric, .source(["v"]))], unique: [["c"]])
    func key(_ text: String) throws -> [UInt8]? {
      _ = bench.run([try Wire.numeric(text)])
      return bench.machine.withUniqueKey(0) { Array($0) }
    }
    #expect(try key("1.0") == key("1.000"))
    #expect(try key("100") == key("1e2"))
    #expect(try key("1") != key("-1"))
    #expect(try key("1") != key("10000"))
    _ = bench.run([nil])
    #expect(bench.machine.withUniqueKey(0) { Array($0) } == nil)
  }
}
