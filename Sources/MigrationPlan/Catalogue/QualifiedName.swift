import Postgres

/// A table of a database, by schema and name.
package struct QualifiedName: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let schema: String
  package let name: String

  package init(schema: String, name: String) { (self.schema, self.name) = (schema, name) }

  package static func < (left: QualifiedName, right: QualifiedName) -> Bool {
    (left.schema, left.name) < (right.schema, right.name)
  }

  package var description: String { "\(schema).\(name)" }

  /// The name as SQL has it, quoted.
  package func quoted() throws(IdentifierError) -> String {
    try SQL.identifier(schema: schema, name)
  }
}
