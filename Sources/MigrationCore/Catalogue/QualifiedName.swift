import Postgres

/// A table of a database, by schema and name.
public struct QualifiedName: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let schema: String
  public let name: String

  public init(schema: String, name: String) { (self.schema, self.name) = (schema, name) }

  public static func < (left: QualifiedName, right: QualifiedName) -> Bool {
    (left.schema, left.name) < (right.schema, right.name)
  }

  public var description: String { "\(schema).\(name)" }

  /// The name as SQL has it, quoted.
  func quoted() throws(IdentifierError) -> String {
    try SQL.identifier(schema: schema, name)
  }
}
