import MigrationBasics

/// Texts that `jsonb` can't hold, written so that it can, and so that nothing is lost.
///
/// PostgreSQL's `jsonb` refuses the NUL character, and no JSON text can hold bytes that are not
/// UTF-8. A text with such a thing becomes the object `{"$text": "…"}`, in whose text `\0` stands
/// for NUL, `\xHH` for a byte that is no part of a character, and `\\` for a backslash. In a database
/// that is not in UTF-8, bytes are so written too of characters that its encoding may not have. A key
/// that holds NUL, or that begins with `$text` itself, becomes `$text:` and the escaped key. What is too large for
/// `jsonb` is cut, see `CutValue`.
package enum EscapedText {
  package static let mark = "$text"

  /// Returns a value that `jsonb` takes and that `decode` turns back into this one.
  ///
  /// For values whose texts are as they were found; a value that was encoded is not encoded again.
  ///
  /// - Parameter encoding: the database's, as the server names it.
  package static func encode(_ value: JSONValue, for encoding: String = "UTF8") -> JSONValue {
    rewrite(CutValue.keepable(value), encoding) {
      isUnstorable($0, encoding) || $0.hasPrefix(mark)
    }
  }

  /// Returns a value that `jsonb` takes, and leaves alone what is escaped already.
  ///
  /// - Parameter most: the most bytes that are kept whole.
  package static func storable(
    _ value: JSONValue, for encoding: String, most: Int = CutValue.mostBytes
  ) -> JSONValue {
    rewrite(CutValue.keepable(value, most: most), encoding) { isUnstorable($0, encoding) }
  }

  /// Returns a text that a column of type text takes: itself, or escaped.
  package static func storable(_ text: String, for encoding: String) -> String {
    let text = CutValue.keepable(text)
    return isUnstorable(text, encoding) ? escape(Array(text.utf8), for: encoding) : text
  }

  private static func isUnstorable(_ text: String, _ encoding: String) -> Bool {
    if text.utf8.contains(0) { return true }
    return !hasAll(encoding) && text.unicodeScalars.contains { !exists($0, in: encoding) }
  }

  private static func hasAll(_ encoding: String) -> Bool {
    encoding == "UTF8" || encoding == "SQL_ASCII"
  }

  /// Whether an encoding surely has a character.
  private static func exists(_ character: Unicode.Scalar, in encoding: String) -> Bool {
    switch encoding {
    case "UTF8", "SQL_ASCII": true
    case "LATIN1": character.value < 0x100
    default: character.isASCII
    }
  }

  private static func rewrite(
    _ value: JSONValue, _ encoding: String, escapingKeys mustEscape: (String) -> Bool
  ) -> JSONValue {
    switch value {
    case .text(let text) where isUnstorable(text, encoding):
      wrap(escape(Array(text.utf8), for: encoding))
    case .array(let elements):
      .array(elements.map { rewrite($0, encoding, escapingKeys: mustEscape) })
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { member in
            let key = mustEscape(member.key) ? escaped(key: member.key, encoding) : member.key
            return (key, rewrite(member.value, encoding, escapingKeys: mustEscape))
          }))
    default: value
    }
  }

  /// Returns bytes as a text value if they are UTF-8 without NUL, else as an escaped text.
  package static func value(bytes: [UInt8]) -> JSONValue {
    let isPlain = !bytes.contains(0) && UTF8Check.error(in: bytes, file: nil) == nil
    return isPlain ? .text(String(decoding: bytes, as: UTF8.self)) : wrap(escape(bytes))
  }

  /// Returns bytes as a line of text for people: themselves, or escaped.
  package static func display(_ bytes: [UInt8]) -> String {
    let isPlain = !bytes.contains(0) && UTF8Check.error(in: bytes, file: nil) == nil
    return isPlain ? String(decoding: bytes, as: UTF8.self) : escape(bytes)
  }

  /// Returns the bytes of a text value, escaped or not; nil for a value of another kind.
  package static func bytes(of value: JSONValue) -> [UInt8]? {
    switch value {
    case .text(let text): return Array(text.utf8)
    case .object(let object):
      guard object.members.count == 1, case .text(let text)? = object[mark] else { return nil }
      return unescape(text)
    default: return nil
    }
  }

  /// Returns what was encoded, as far as a `String` can hold it: stray bytes stay escaped.
  package static func decode(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): return .array(elements.map(decode))
    case .object(let object):
      if let bytes = bytes(of: value) {
        guard UTF8Check.error(in: bytes, file: nil) == nil else { return value }
        return .text(String(decoding: bytes, as: UTF8.self))
      }
      return .object(JSONObject(object.members.map { (decode(key: $0.key), decode($0.value)) }))
    default: return value
    }
  }

  private static func wrap(_ escaped: String) -> JSONValue { [mark: .text(escaped)] }

  private static func escaped(key: String, _ encoding: String) -> String {
    mark + ":" + escape(Array(key.utf8), for: encoding)
  }

  private static func decode(key: String) -> String {
    guard key.hasPrefix(mark + ":") else { return key }
    return String(decoding: unescape(String(key.dropFirst(mark.count + 1))), as: UTF8.self)
  }

  private static func escape(_ bytes: [UInt8], for encoding: String = "UTF8") -> String {
    var output = ""
    var rest = bytes[...]
    while let first = rest.first {
      if first == 0 {
        output += "\\0"
      } else if first == UInt8(ascii: "\\") {
        output += "\\\\"
      } else if let character = character(rest), exists(character, in: encoding) {
        output.unicodeScalars.append(character)
        rest = rest.dropFirst(character.utf8.count - 1)
      } else {
        output += "\\x" + hexadecimal(first)
      }
      rest = rest.dropFirst()
    }
    return output
  }

  /// Returns the character at the beginning; nil if there is none.
  private static func character(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    let length = (1...4).first { length in
      length <= bytes.count && UTF8Check.error(in: Array(bytes.prefix(length)), file: nil) == nil
    }
    return length.flatMap { String(decoding: bytes.prefix($0), as: UTF8.self).unicodeScalars.first }
  }

  private static func unescape(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
        output.append(byte)
        continue
      }
      switch kind {
      case UInt8(ascii: "0"): output.append(0)
      case UInt8(ascii: "x"):
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        output.append(UInt8(digits, radix: 16) ?? UInt8(ascii: "?"))
        rest = rest.dropFirst(2)
      default: output.append(kind)
      }
    }
    return output
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
