import MigrationPlan
import Postgres

/// A foreign key as the catalogue has it.
struct FoundForeignKey {
  let oid: Int
  let tableOID: Int
  let object: SuspendedObject
  private(set) var reasonToKeep: KeptObject.Reason?

  /// Keeps the key on its table if building it again takes a right that is missing.
  func kept(without missing: [RebuildRight]) -> FoundForeignKey {
    var found = self
    found.reasonToKeep =
      reasonToKeep ?? .missingRights(missing.filter { $0.isForeignKey && $0.object == oid })
    return found
  }

  /// What part of a choice takes it, seen from one of its two tables.
  func choice(for table: Int) -> SetAsideChoice {
    tableOID == table ? .foreignKeys : .incomingForeignKeys
  }
}

extension SuspendedCatalog {
  /// Returns the foreign keys of a table and those that refer to it, in a fixed order.
  func foreignKeys(of oid: Int) throws(PostgresError) -> [FoundForeignKey] {
    try connection.query(
      Self.foreignKeyQuery
        + "WHERE c.contype = 'f' AND $1::bigint::oid IN (c.conrelid, c.confrelid)"
        + " ORDER BY n.nspname, t.relname, c.conname", [oid]
    ).rows(by: ForeignKeyColumn.self).map(Self.foreignKey)
  }

  /// Returns one foreign key of a table by its name.
  func foreignKey(
    named name: String, of oid: Int
  ) throws(PostgresError) -> FoundForeignKey? {
    try connection.query(
      Self.foreignKeyQuery
        + "WHERE c.contype = 'f' AND c.conrelid = $1::bigint::oid AND c.conname = $2", [oid, name]
    ).rows(by: ForeignKeyColumn.self).first.map(Self.foreignKey)
  }

  private static let foreignKeyQuery =
    """
    SELECT \(ForeignKeyColumn.list)
    FROM pg_constraint c
      JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace

    """

  private enum ForeignKeyColumn: String, ColumnList {
    case oid = "c.oid::bigint"
    case tableOID = "c.conrelid::bigint"
    case schema = "n.nspname"
    case table = "t.relname"
    case name = "c.conname"
    case definition = "pg_get_constraintdef(c.oid)"
    case isValidated = "c.convalidated"
    case comment = "obj_description(c.oid, 'pg_constraint')"
    case referencedSchema = "rn.nspname"
    case referencedTable = "r.relname"
    case isPartitioned =
      "t.relkind = 'p' OR r.relkind = 'p' OR c.conparentid <> 0 OR c.coninhcount > 0"
    case hasChangedTriggers =
      "EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled <> 'O')"
    case isOwner = "pg_has_role(t.relowner, 'USAGE')"
    case isDeferrable = "c.condeferrable"
    case isInitiallyDeferred = "c.condeferred"
  }

  private static func foreignKey(_ row: ColumnRow<ForeignKeyColumn>) -> FoundForeignKey {
    var details = SuspendedObject.Details()
    details.isValidated = row.flag(.isValidated)
    details.constraintComment = row.text(.comment)
    details.referenced = QualifiedName(
      schema: row.string(.referencedSchema), name: row.string(.referencedTable))
    details.isDeferrable = row.flag(.isDeferrable)
    details.isInitiallyDeferred = row.flag(.isInitiallyDeferred)
    let definition = withoutNotValid(row.string(.definition))
    let object = SuspendedObject(
      id: 0, table: QualifiedName(schema: row.string(.schema), name: row.string(.table)),
      kind: .foreignKey, name: row.string(.name), indexDefinition: nil,
      constraintDefinition: definition, details: details, status: .recorded)
    return FoundForeignKey(
      oid: row.number(.oid), tableOID: row.number(.tableOID), object: object,
      reasonToKeep: reasonToKeep(row, definition))
  }

  private static func reasonToKeep(
    _ row: ColumnRow<ForeignKeyColumn>, _ definition: String
  ) -> KeptObject.Reason? {
    if !row.flag(.isOwner) { return .notOwner }
    if row.flag(.isPartitioned) { return .partitioned }
    if row.flag(.hasChangedTriggers) { return .triggersChanged }
    // PostgreSQL 18 knows constraints that check nothing: there is nothing to gain.
    return definition.hasSuffix(" NOT ENFORCED") ? .notAttachable : nil
  }

  /// The server ends the definition of a foreign key that is not validated with these words, which
  /// say its state and not what it is.
  private static func withoutNotValid(_ definition: String) -> String {
    let words = " NOT VALID"
    return definition.hasSuffix(words) ? String(definition.dropLast(words.count)) : definition
  }
}
