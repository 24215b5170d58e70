import Postgres

/// The relations of a schema, by name.
package struct Relations: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case table = "r"
    case partitionedTable = "p"
    case view = "v"
    case materializedView = "m"
    case foreignTable = "f"
    case sequence = "S"

    /// Whether rows can be read from it chunk by chunk, and loaded into it.
    var holdsRows: Bool { self == .table || self == .partitionedTable }
    /// Whether rows can be read from it chunk by chunk.
    var isReadable: Bool { holdsRows || self == .materializedView }

    package var words: String {
      switch self {
      case .table: "a table"
      case .partitionedTable: "a partitioned table"
      case .view: "a view"
      case .materializedView: "a materialized view"
      case .foreignTable: "a foreign table"
      case .sequence: "a sequence"
      }
    }
  }

  package let kinds: [String: Kind]

  package init(_ kinds: [String: Kind] = [:]) { self.kinds = kinds }

  package init(schema: String, _ connection: Connection) throws(PostgresError) {
    let found = try connection.query(
      """
      SELECT c.relname, c.relkind::text
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      """, [schema])
    let pairs = found.rows.compactMap { row in
      Kind(rawValue: row.string(1)).map { (row.string(0), $0) }
    }
    kinds = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The kind of a relation that is there, and that no rows can be loaded into.
  package func unusable(_ name: String) -> Kind? {
    kinds[name].flatMap { $0.holdsRows ? nil : $0 }
  }

  /// The kind of a relation that is there, and that no rows can be read from.
  package func unreadable(_ name: String) -> Kind? {
    kinds[name].flatMap { $0.isReadable ? nil : $0 }
  }

  /// The names of tables.
  package var tables: [String] { kinds.filter(\.value.holdsRows).keys.sorted() }
}
