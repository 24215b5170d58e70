import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Finds rows of a table by their keys.
struct PostgresKeys {
  private let names: [String]
  private let table: PostgresTable

  init(_ names: [String], _ table: PostgresTable) { (self.names, self.table) = (names, table) }

  /// Returns the conditions for a key that a user typed; nil if it has not as many parts.
  func condition(typed texts: [String]) throws -> [String]? {
    guard texts.count == names.count else { return nil }
    return try zip(names, texts).map { name, value in
      let column = try SQL.identifier(name)
      // As text, because a key that is no uuid, say, is none of another feed's rows.
      let text = table[name]?.type.text(of: column) ?? column + "::text"
      return "\(text) OPERATOR(pg_catalog.=) \(SQL.literal(value))"
    }
  }

  /// Returns the condition for keys that the quarantine keeps; nil if none can be looked for.
  func condition(_ keys: [JSONValue]) throws -> String? {
    let conditions = try keys.compactMap(condition)
    return conditions.isEmpty ? nil : "(" + conditions.joined(separator: " OR ") + ")"
  }

  private func condition(_ key: JSONValue) throws -> String? {
    guard case .object(let object) = EscapedText.decode(key), !names.isEmpty else { return nil }
    var parts: [String] = []
    for name in names {
      if let bytes = Self.bytes(of: object[name]) {
        parts.append(
          "pg_catalog.convert_to((\(try SQL.identifier(name)))::text, "
            + "pg_catalog.getdatabaseencoding()) IN (\(bytes))")
        continue
      }
      guard let text = object[name].flatMap(Self.text), let type = table[name]?.type else {
        return nil
      }
      parts.append(
        "\(try SQL.identifier(name)) \(type.sign("=")) \(SQL.literal(text))::\(type.nameBelowDomain)"
      )
    }
    return "(" + parts.joined(separator: " AND ") + ")"
  }

  /// Returns the bytes of a text that is not UTF-8, as the quarantine keeps it; `UnreadableTexts` may have put a
  /// byte before them.
  private static func bytes(of value: JSONValue?) -> String? {
    guard case .text(let digits)? = value?["$binary"],
      digits.allSatisfy({ $0.isASCII && $0.isHexDigit })
    else {
      return nil
    }
    let stored = digits.hasPrefix("ff") ? [digits, String(digits.dropFirst(2))] : [digits]
    return stored.map { "'\\x\($0)'::bytea" }.joined(separator: ", ")
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text), .numeral(let text): text
    case .int(let number): "\(number)"
    case .bool(let bool): bool ? "true" : "false"
    default: nil
    }
  }
}
