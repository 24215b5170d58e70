import Postgres

/// A column that rows are hashed of, and the form in which its values are read back.
///
/// A value is hashed in the form in which it is sent: in binary, or, for types that only the server
/// reads, as the text that the server writes of it under `ConnectionOptions.serverSettings`.
package struct HashedColumn: Sendable {
  package let name: String
  package let isText: Bool
  /// Whether any role can have made the type, and given it casts.
  private let isOfUsers: Bool

  package init(_ name: String, isText: Bool = false, isOfUsers: Bool = false) {
    (self.name, self.isText, self.isOfUsers) = (name, isText, isOfUsers)
  }

  /// Returns what selects the column in the form in which it is hashed.
  ///
  /// - Parameter alias: what the table is called; nil if there is only one.
  package func selected(of alias: String? = nil) throws(IdentifierError) -> String {
    let column = (alias.map { $0 + "." } ?? "") + (try SQL.identifier(name))
    return isText ? SQL.text(of: column, bySendingFunction: isOfUsers) : column
  }

  /// The column as the ledger keeps it: its name alone if it is hashed in binary.
  package var json: JSONValue {
    guard isText else { return .text(name) }
    return isOfUsers ? ["text": .text(name), "ofUsers": true] : ["text": .text(name)]
  }

  package init?(_ json: JSONValue) {
    switch json {
    case .text(let name): self.init(name)
    case .object:
      guard case .text(let name)? = json["text"] else { return nil }
      self.init(name, isText: true, isOfUsers: json["ofUsers"] == .bool(true))
    default: return nil
    }
  }
}

/// How the text of a type is asked for changes nothing of it.
extension HashedColumn: Hashable {
  package static func == (one: HashedColumn, other: HashedColumn) -> Bool {
    one.name == other.name && one.isText == other.isText
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(isText)
  }
}
