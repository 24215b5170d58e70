import MigrationBasics

/// A source row's key as people type it.
enum KeyText {
  /// Returns the value alone if the key has only one.
  static func text(_ key: JSONValue) -> String {
    guard case .object(let object) = key, object.members.count == 1,
      let value = object.members.first?.value
    else { return key.compact }
    if case .text(let text) = value { return text.printable }
    if case .text(let objectID)? = value["$oid"] { return objectID }
    return value.compact
  }
}
