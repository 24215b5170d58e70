import Testing

@testable import MigrationBasics
@testable import MigrationLedger

/// Values that are too large for the ledger keep what distinguishes them from others.
@Suite struct CutValueTests {
  @Test func onlyWhatIsTooLargeIsCut() {
    let long = String(repeating: "ä", count: 40_000)
    let value: JSONValue = ["a": .text(long), "b": "short", "c": [.text(long), 7]]
    #expect(CutValue.keepable(value, most: 1_000_000) == value)
    let cut = CutValue.keepable(value, most: 150_000)
    #expect(cut["b"] == "short")
    #expect(cut["a"]?["bytes"] == 80_000)
    #expect(cut["a"]?["$cut"] == .text(String(repeating: "ä", count: 32_768)))
    #expect(cut["a"]?["sha256"] == .text(SHA256.hexadecimal(of: long.utf8)))
    #expect(
      cut
        != CutValue.keepable(
          ["a": .text(long + "x"), "b": "short", "c": [.text(long), 7]], most: 150_000))
  }

  @Test func aValueOfManySmallOnesIsCutAsAWhole() {
    let value = JSONValue.array((0..<50_000).map { .int($0) })
    let cut = CutValue.keepable(value, most: 100_000)
    #expect(cut["bytes"] == .int(value.compact.utf8.count))
    #expect(cut["sha256"] == .text(SHA256.hexadecimal(of: value.compact.utf8)))
  }

  /// Control characters take six bytes in JSON.
  @Test func whatIsWrittenCounts() {
    let text = String(repeating: "\u{1}", count: 70_000)
    #expect(CutValue.keepable(.text(text), most: 500_000) == .text(text))
    #expect(CutValue.keepable(.text(text), most: 400_000)["bytes"] == 70_000)
  }

  @Test func aCharacterIsNeverCutInPart() {
    let text = "x" + String(repeating: "ä", count: 40_000)
    let cut = CutValue.keepable(.text(text), most: 70_000)
    #expect(cut["$cut"] == .text("x" + String(repeating: "ä", count: 32_767)))
  }
}
