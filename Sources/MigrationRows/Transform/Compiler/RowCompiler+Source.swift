import MigrationBasics
import MigrationPlan
import Postgres

extension RowCompiler {
  /// Decides what is read of the source: all columns but those left behind on purpose, so that a
  /// rejected row can be kept whole; returns the items of the select list.
  mutating func selectSource(_ source: PostgresTable) -> [String] {
    let used = feed.columns.reduce(into: Set(feed.key)) { $0.formUnion($1.rule.sourceColumns) }
    let known = Set(source.columns.map(\.name))
    for name in feed.key where !known.contains(name) {
      fault(
        "the key names a column that \(feed.from) does not have: \(name)"
          + suggestion(for: name, in: known), "correct the key")
    }
    var items: [String] = []
    for column in source.columns where used.contains(column.name) || !isIgnored(column) {
      items.append(select(column))
    }
    return items
  }

  private func isIgnored(_ column: PostgresColumn) -> Bool { feed.ignored.contains(column.name) }

  private mutating func select(_ column: PostgresColumn) -> String {
    sourcePlaces[column.name] = slot()
    sourceColumns.append(column.name)
    guard let name = try? SQL.identifier(column.name) else {
      fault("\(column.name) cannot be the name of a column", "rename it in the source")
      return "null"
    }
    if let form = WireForm(column.type) {
      sourceForms.append(feed.keepsBlanks(of: column, into: target) ? .text : form)
      return name
    }
    if isPassedOn(column) {
      sourceForms.append(.raw)
      return name
    }
    sourceForms.append(.text)
    return column.type.objectName(of: name) ?? column.type.text(of: name)
  }

  /// Text for the whole feed if a column's type is not understood, and is filled with more than
  /// the bytes of a column of the same type.
  func neededCopyForm() -> CopyForm {
    let isBinary = feed.columns.allSatisfy { rule in
      guard let column = target[rule.column], TargetType(column.type) == nil else { return true }
      guard case .source(let names) = rule.rule, names.count == 1, let from = source?[names[0]]
      else { return false }
      return WireForm(from.type) == nil && isPassedOn(from)
    }
    return isBinary ? .binary : .text
  }

  /// Whether only the server knows how it will write the text that it stores in a column.
  ///
  /// What a server has written of a value it writes again of what it reads of that. Of names of
  /// objects that depends on the session.
  func isSpelledByServer(_ rule: ColumnRule) -> Bool {
    guard let type = target[rule.column]?.type, copyForm == .text, TargetType(type) == nil else {
      return false
    }
    guard case .source(let names) = rule.rule, names.count == 1,
      let from = source?[names[0]]?.type, !type.namesObjects
    else { return true }
    let isSameKind =
      from.baseOID == type.baseOID || min(from.baseOID, type.baseOID) >= OID.firstOfUser
    return from.baseName != type.baseName || !isSameKind
      || (type.modifier != -1 && type.modifier != from.modifier)
  }

  /// Whether a column of a type that is not understood goes unchanged into a column of that type.
  private func isPassedOn(_ column: PostgresColumn) -> Bool {
    let type = column.type
    // Beyond the built-in types the same number means different types in two databases.
    guard copyForm == .binary, type.hasBinaryForm, type.baseOID < OID.firstOfUser,
      !type.namesObjects
    else { return false }
    let users = feed.columns.filter { $0.rule.sourceColumns.contains(column.name) }
    guard !feed.key.contains(column.name), !users.isEmpty else { return false }
    return users.allSatisfy { user in
      guard case .source([column.name]) = user.rule, let other = target[user.column]?.type else {
        return false
      }
      return other.baseOID == type.baseOID
        && (other.modifier == -1 || other.modifier == type.modifier)
    }
  }
}
