/// A JSON value whose objects keep the order of their keys; what every `--json` output is made of.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  /// Infinity and NaN, which JSON does not have, are written as null.
  case double(Double)
  /// A number kept as text because no machine type holds all its digits.
  case numeral(String)
  case text(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The value of a key of an object.
  package subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// The value of an optional, null when there is none.
  package static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.text) ?? .null }

  /// Parses strict JSON.
  package static func parse(_ text: String, file: String? = nil) throws(ParseError) -> JSONValue {
    try JSON5.parse(text, file: file, dialect: .json).value
  }

  /// Returns whether a text is a number in JSON's grammar.
  package static func isNumeral(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isDigit || first == UInt8(ascii: "-") else {
      return false
    }
    var parser = JSON5Parser(Array(text.utf8), file: nil, dialect: .json)
    guard (try? parser.parseNumber()) != nil else { return false }
    return parser.cursor.current == nil
  }
}

/// The members of a JSON object, in order.
package struct JSONObject: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package let key: String
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }

  }

  package private(set) var members: [Member]

  /// Creates an object; of a key given twice, the later value stays at the earlier place.
  package init(_ members: [(String, JSONValue)] = []) {
    var places: [String: Int] = [:]
    self.members = []
    for (key, value) in members {
      if let place = places[key] {
        self.members[place].value = value
      } else {
        places[key] = self.members.count
        self.members.append(Member(key: key, value: value))
      }
    }
  }

  /// The value of a key; a new key goes to the end, nil removes the key.
  package subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(stringLiteral value: String) { self = .text(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
