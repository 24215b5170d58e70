import MigrationPlan
import Postgres

/// A table's objects in words that read the same in whatever schema the table stands.
struct ComparableTable {
  /// A constraint or an index.
  struct Object {
    let name: String
    let words: String
    let isValid: Bool
    let columns: [String]
    let isUniqueConstraint: Bool
  }

  let table: PostgresTable
  let constraints: [Object]
  /// The indexes that belong to no constraint.
  let indexes: [Object]
  private let qualifiers: [String]

  init(_ table: PostgresTable) {
    self.table = table
    let qualifiers = Self.qualifiers(of: table.schema)
    self.qualifiers = qualifiers
    constraints = table.constraints.map { constraint in
      let definition = Self.strip(qualifiers, from: constraint.definition)
      return Object(
        name: constraint.name, words: Self.withoutNotValid(definition),
        isValid: constraint.isValidated, columns: constraint.columns,
        isUniqueConstraint: constraint.kind == .unique)
    }
    indexes = table.indexes.filter { $0.constraint == nil }.map { index in
      Object(
        name: index.name, words: Self.words(of: index, without: qualifiers), isValid: index.isValid,
        columns: index.columns, isUniqueConstraint: false)
    }
  }

  /// Takes the table's own schema out of names in a text of the server's.
  func unqualified(_ text: String) -> String { Self.strip(qualifiers, from: text) }

  /// The unique index that does what a unique constraint would, by name; nil if there is none.
  func uniqueIndex(serving constraint: Object) -> String? {
    guard constraint.isUniqueConstraint else { return nil }
    return table.indexes.first { $0.isUniqueKey && $0.columns == constraint.columns }?.name
  }

  /// An index without its name: `UNIQUE ON customers USING btree (customer_code)`.
  private static func words(of index: PostgresIndex, without qualifiers: [String]) -> String {
    let name = (try? SQL.identifier(index.name)) ?? index.name
    let definition = index.definition
    // The server quotes a name only if it must.
    let start = [name, index.name].lazy
      .compactMap { definition.range(ofText: " INDEX \($0) ON ") }.first
    guard let start else { return strip(qualifiers, from: definition) }
    let kind = index.isUnique ? "UNIQUE ON " : "ON "
    return kind + strip(qualifiers, from: String(definition[start.upperBound...]))
  }

  private static func withoutNotValid(_ definition: String) -> String {
    let suffix = " NOT VALID"
    return definition.hasSuffix(suffix) ? String(definition.dropLast(suffix.count)) : definition
  }

  private static func qualifiers(of schema: String) -> [String] {
    [schema + ".", ((try? SQL.identifier(schema)) ?? schema) + "."]
  }

  private static func strip(_ qualifiers: [String], from text: String) -> String {
    var result = text
    for qualifier in qualifiers { result = strip(qualifier, from: result) }
    return result
  }

  /// Only at the beginning of a word: `my_public.x` keeps its schema when `public` is removed.
  private static func strip(_ qualifier: String, from text: String) -> String {
    var kept = ""
    var rest = text[...]
    while let range = rest.range(ofText: qualifier) {
      let isInsideWord = (kept + rest[..<range.lowerBound]).last.map(isWordPart) ?? false
      kept += rest[..<(isInsideWord ? range.upperBound : range.lowerBound)]
      rest = rest[range.upperBound...]
    }
    return kept + rest
  }

  private static func isWordPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "$"
      || character == "\""
  }
}

extension StringProtocol {
  /// The first place of a text, compared byte for byte.
  fileprivate func range(ofText text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text),
        let end = index(start, offsetBy: text.count, limitedBy: endIndex)
      {
        return start..<end
      }
      start = index(after: start)
    }
    return nil
  }
}
