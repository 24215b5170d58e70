import MigrationCore
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
  @Test("keeps the order of keys, and escapes what must be")
  func compact() {
    let value: JSONValue = [
      "z": 1, "a": [true, nil, 1.5], "text": "é\"\\\n\u{1B}[31m\u{2028}\u{7F}", "empty": [:],
      "list": [], "nan": .double(.nan), "exact": .numeral("123456789012345678901"),
    ]
    #expect(
      value.compact
        == #"{"z":1,"a":[true,null,1.5],"text":"é\"\\\n\u001b[31m\u2028\u007f","empty":{},"#
        + #""list":[],"nan":null,"exact":123456789012345678901}"#)
  }

  @Test("lays values out for people")
  func pretty() {
    let value: JSONValue = ["a": [1, ["b": nil]], "c": []]
    #expect(
      value.pretty == """
        {
          "a": [
            1,
            {
              "b": null
            }
          ],
          "c": []
        }
        """)
  }

  @Test("writes what is no numeral as text", arguments: ["1; drop", "Infinity", "", "01", "0x1"])
  func falseNumeral(text: String) {
    #expect(JSONValue.numeral(text).compact == JSONValue.text(text).compact)
  }

  @Test("objects keep a key's place when its value changes")
  func object() {
    var object = JSONObject([("a", 1), ("b", 2), ("a", 3)])
    object["b"] = 4
    object["c"] = 5
    object["a"] = nil
    #expect(object == JSONObject([("b", 4), ("c", 5)]))
  }

  @Test("what is written is read back the same", arguments: 0..<400)
  func roundTrip(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let value = randomValue(&random, depth: 0)
    #expect(try JSONValue.parse(value.compact) == value)
    #expect(try JSONValue.parse(value.pretty) == value)
    #expect(try JSON5.parse(value.compact).value == value)
  }

  private func randomValue(_ random: inout SeededRandom, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 9 : 7), using: &random) {
    case 0: return nil
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int(truncatingIfNeeded: random.next()))
    case 3: return .int([Int.min, Int.max, 0, -1].randomElement(using: &random) ?? 0)
    case 4:
      let double = Double(bitPattern: random.next())
      return .double(double.isFinite ? double : 0.1)
    case 5: return .numeral("9" + String(random.next()) + String(random.next()))
    case 6: return .text(randomText(&random))
    case 7: return .array((0..<4).map { _ in randomValue(&random, depth: depth + 1) })
    default:
      return .object(
        JSONObject(
          (0..<4).map { (randomText(&random) + "\($0)", randomValue(&random, depth: depth + 1)) }))
    }
  }

  private func randomText(_ random: inout SeededRandom) -> String {
    let length = Int.random(in: 0..<12, using: &random)
    let scalars = (0..<length).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0...0x2100, using: &random))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
