/// Makes JSON of any shape and in any spelling, over and over the same for a seed.
struct RandomJSON {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// Spellings that come seldom by chance.
  static let oddities = [
    #"{}"#, "[]", #""""#, "null", " true ", "-0", "-0.0", "-0e5", "0e-3", "1E2", "1.50", "15e-1",
    "100e-2", "1.0e1", "0.001e+2", "123456789012345678901234567890.123456789", "1e-20", "1e25",
    "-1.5E+1", #"{"bb":1,"a":2,"c":{"z":1,"y":2},"a":3}"#, #"{"a":1,"a":1}"#, #"{"":1,"x":{"":2}}"#,
    #"{"\u0061":1,"b":2,"a":3}"#, #"{"\n":1,"\u000a":2,"n":3}"#,
    #"{"é":1,"e":2,"\u00e9":3,"zz":4}"#,
    #"{"\"":1,"!":2,"\\":3,"/":4,"\/":5,"\u001f":6,"\t":7}"#,
    #""\u0041\/\b\f\n\r\t\u0001\u001F\u007f\ud83d\ude00\u20ac\\\"""#,
    #"[ 1 ,2 , [ ] , { } , [[ ]] ]"#, #"[{"k":[{"b":[],"a":{}}]},{"k":null}]"#,
    "{" + (0..<100).map { "\"k\($0 * 7919 % 100)\":\($0)" }.joined(separator: ",") + "}",
    "{" + (0..<90).map { "\"k\($0 % 30)\":{\"b\":\($0),\"a\":1}" }.joined(separator: ",") + "}",
  ]

  mutating func value(depth: Int = 0) -> String {
    switch Int.random(in: 0..<(depth > 4 ? 5 : 9), using: &random) {
    case 0: return ["true", "false", "null"].randomElement(using: &random) ?? "null"
    case 1, 2: return number()
    case 3, 4: return string()
    case 5, 6:
      let items = (0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth + 1) }
      return "[" + blank() + items.joined(separator: blank() + "," + blank()) + blank() + "]"
    default:
      let items = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        string() + blank() + ":" + blank() + value(depth: depth + 1)
      }
      return "{" + blank() + items.joined(separator: blank() + "," + blank()) + blank() + "}"
    }
  }

  private mutating func blank() -> String {
    ["", "", "", " ", "\n", "\t "].randomElement(using: &random) ?? ""
  }

  private mutating func number() -> String {
    var text = Bool.random(using: &random) ? "-" : ""
    text += ["0", "7", "10", "1200", "98765432109876543210"].randomElement(using: &random) ?? "0"
    if Bool.random(using: &random) {
      text += ["." + "0", ".50", ".000", ".12345"].randomElement(using: &random) ?? ""
    }
    guard Int.random(in: 0..<3, using: &random) == 0 else { return text }
    let exponent = Int.random(in: -25...25, using: &random)
    return text + (Bool.random(using: &random) ? "e" : "E") + "\(exponent)"
  }

  private mutating func string() -> String {
    let pieces = [
      "a", "b", "key", "ž", "\u{1F600}", " ", "/", #"\""#, #"\\"#, #"\n"#, #"\u0062"#, #"\u00fc"#,
      #"\u0007"#, #"\/"#, "\u{7F}", #"\ud83d\ude00"#,
    ]
    let count = Int.random(in: 0...4, using: &random)
    return "\""
      + (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined() + "\""
  }
}
