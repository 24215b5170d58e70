import MigrationLedger
import MigrationPlan

/// A foreign key of one column, which a plan may copy as it is instead of looking it up.
struct CopiedKey: Hashable {
  let table: QualifiedName
  let column: String
  let referenced: QualifiedName
  /// The column that is referred to.
  let result: String

  /// One that is off its table; nil for other objects, and for keys of several columns.
  init?(_ object: SuspendedObject) {
    guard object.kind == .foreignKey, let referenced = object.details.referenced,
      let definition = object.constraintDefinition.flatMap(ForeignKeyDefinition.init),
      definition.columns.count == 1
    else { return nil }
    (table, self.referenced) = (object.table, referenced)
    (column, result) = (definition.columns[0], definition.referencedColumns[0])
  }

  /// One that refers to its own table.
  init?(_ key: PostgresTable.ForeignKey, of table: PostgresTable) {
    guard key.columns.count == 1, key.referencedTable == table.name else { return nil }
    (self.table, referenced) = (table.qualifiedName, table.qualifiedName)
    (column, result) = (key.columns[0], key.referencedColumns[0])
  }
}

extension PostgresTable {
  var qualifiedName: QualifiedName { QualifiedName(schema: schema, name: name) }
}

extension TableWork {
  /// Whether rows are copied with the keys of others of the same table, of which each may come later.
  ///
  /// Such foreign keys are looked after when the table is loaded. Of keys of several columns only the server
  /// can show.
  var copiesOwnKeys: Bool {
    let keys = target.foreignKeys.filter { key in
      feeds.contains { !Set($0.program.targetColumns).isDisjoint(with: key.columns) }
    }
    return staging == nil && plan.loading.setAside != .never
      && keys.allSatisfy { $0.columns.count == 1 }
      && keys.contains { $0.referencedTable == target.name }
  }
}
