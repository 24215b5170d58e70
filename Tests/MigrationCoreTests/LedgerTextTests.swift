import Foundation
import Testing

@testable import MigrationBasics
@testable import MigrationLedger

@Suite struct LedgerTextTests {
  @Test(arguments: [
    0, 1, -1, 1_700_000_000_123_456, 951_782_400_000_000, -2_208_988_800_000_001,
    4_102_444_800_000_000, 1_709_164_800_000_000,
  ])
  func momentsReadAsFoundationWritesThem(_ microseconds: Int) {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.calendar = Calendar(identifier: .gregorian)
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
    let seconds = Int((Double(microseconds) / 1_000_000).rounded(.down))
    let date = Date(timeIntervalSince1970: Double(seconds))
    let fraction = String(format: "%06d", microseconds - seconds * 1_000_000)
    let expected = formatter.string(from: date) + ".\(fraction)Z"
    #expect(Moment(microseconds: microseconds).description == expected)
  }

  @Test func plainValuesAreKeptAsTheyAre() {
    let value: JSONValue = ["a": [1, nil, "x\\0y", ["b": "ä"]], "$textual": true]
    #expect(EscapedText.decode(EscapedText.encode(value)) == value)
    let plain: JSONValue = ["a": "x\\0y"]
    #expect(EscapedText.encode(plain) == plain)
  }

  @Test(arguments: ["\0", "a\0b\\c", "\\0\0", "ends with \0", "é\0ü"])
  func textsWithNULComeBack(_ text: String) {
    let value = JSONValue.object(JSONObject([(text, .array([.text(text)]))]))
    let encoded = EscapedText.encode(value)
    #expect(!encoded.compact.contains("u0000"))
    #expect(EscapedText.decode(encoded) == value)
  }

  @Test func anObjectThatLooksLikeAnEscapeIsNotTakenForOne() {
    let value: JSONValue = ["$text": "a\\0"]
    let encoded = EscapedText.encode(value)
    #expect(encoded != value)
    #expect(EscapedText.decode(encoded) == value)
    #expect(EscapedText.bytes(of: encoded) == nil)
  }

  @Test(
    arguments: [
      [0xFF], [0x61, 0xC3], [0xC3, 0xA4, 0x00, 0x80], [0xED, 0xA0, 0x80], Array(0...255),
      [0x5C, 0xFE, 0x5C],
    ] as [[UInt8]])
  func bytesThatAreNotUTF8ComeBack(_ bytes: [UInt8]) {
    let value = EscapedText.value(bytes: bytes)
    #expect(value["$text"] != nil)
    #expect(EscapedText.bytes(of: value) == bytes)
    #expect(EscapedText.value(bytes: Array("plain".utf8)) == "plain")
  }
}
