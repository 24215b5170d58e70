import MigrationPlan
import Postgres

/// What the ledger keeps of objects that are suspended.
extension Ledger {
  enum SetAsideColumn: String, ColumnList {
    case id
    case schema = "table_schema"
    case table = "table_name"
    case kind, name
    case indexDefinition = "index_definition"
    case constraintDefinition = "constraint_definition"
    case details, status
  }

  /// Records an object; an entry that an earlier try left is updated.
  package func record(_ object: SuspendedObject) throws(PostgresError) {
    try connection.query(
      """
      INSERT INTO \(names.setAside) AS s
        (table_schema, table_name, kind, name, index_definition, constraint_definition, details)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (table_schema, table_name, kind, name)
        WHERE status NOT IN ('restored', 'forgotten')
      DO UPDATE SET index_definition = excluded.index_definition, status = 'recorded',
        constraint_definition = excluded.constraint_definition,
        details = CASE WHEN \(Self.isHalfRestored) THEN s.details ELSE excluded.details END
      """,
      [
        object.table.schema, object.table.name, object.kind.rawValue, object.name,
        object.indexDefinition, object.constraintDefinition, object.details.json.jsonb,
      ])
  }

  /// A foreign key that stands unvalidated was valid before, which only its entry knows.
  private static let isHalfRestored = "s.status = 'built' AND s.kind = 'foreign key'"

  func markDropped(_ objects: [SuspendedObject]) throws {
    for object in objects {
      let changed = try connection.query(
        """
        UPDATE \(names.setAside) SET status = 'dropped', dropped = clock_timestamp()
        WHERE table_schema = $1 AND table_name = $2 AND kind = $3 AND name = $4
          AND status = 'recorded'
        """, [object.table.schema, object.table.name, object.kind.rawValue, object.name])
      guard changed.affectedRows == 1 else {
        throw LedgerError(
          .ledgerDamaged, "the definition of \(object.name) is not in the ledger",
          remedy: "nothing was dropped")
      }
    }
  }

  package func mark(_ object: SuspendedObject, as status: SuspendedObject.Status)
    throws(PostgresError)
  {
    try connection.query(
      """
      UPDATE \(names.setAside) SET status = $2,
        restored = CASE WHEN $2 = 'restored' THEN clock_timestamp() END
      WHERE id = $1
      """, [object.id, status.rawValue])
  }

  func setAsideObjects(
    _ condition: String, _ parameters: [(any ParameterConvertible)?] = []
  ) throws -> [SuspendedObject] {
    try connection.query(
      "SELECT \(SetAsideColumn.list) FROM \(names.setAside) \(condition)", parameters
    ).rows(by: SetAsideColumn.self).map { row in
      guard let kind = SuspendedObject.Kind(rawValue: row.string(.kind)),
        let status = SuspendedObject.Status(rawValue: row.string(.status))
      else {
        throw LedgerError(.ledgerDamaged, "a suspended object has an unknown kind or state")
      }
      return SuspendedObject(
        id: row.number(.id),
        table: QualifiedName(schema: row.string(.schema), name: row.string(.table)),
        kind: kind, name: row.string(.name), indexDefinition: row.text(.indexDefinition),
        constraintDefinition: row.text(.constraintDefinition),
        details: SuspendedObject.Details(json: try row.json(.details)), status: status)
    }
  }
}
