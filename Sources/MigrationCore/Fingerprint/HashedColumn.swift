import Postgres

/// A column that rows are hashed of, and the form in which its values are read back.
///
/// A value is hashed in the form in which it is sent: in binary, or, for types that only the server
/// reads, as the text that the server writes of it under `ConnectionOptions.serverSettings`.
struct HashedColumn: Hashable, Sendable {
  let name: String
  let isText: Bool

  init(_ name: String, isText: Bool = false) { (self.name, self.isText) = (name, isText) }

  /// Returns what selects the column in the form in which it is hashed.
  ///
  /// - Parameter alias: what the table is called; nil where there is only one.
  func selected(of alias: String? = nil) throws(IdentifierError) -> String {
    let column = (alias.map { $0 + "." } ?? "") + (try SQL.identifier(name))
    return isText ? column + "::text" : column
  }

  /// The column as the ledger keeps it: its name alone where it is hashed in binary.
  var json: JSONValue { isText ? ["text": .text(name)] : .text(name) }

  init?(_ json: JSONValue) {
    switch json {
    case .text(let name): self.init(name)
    case .object:
      guard case .text(let name)? = json["text"] else { return nil }
      self.init(name, isText: true)
    default: return nil
    }
  }
}
