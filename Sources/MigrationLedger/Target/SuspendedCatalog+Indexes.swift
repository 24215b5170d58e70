import MigrationPlan
import Postgres

/// An index as the catalogue has it, with its constraint if it has one.
struct FoundIndex {
  let oid: Int
  let constraintOID: Int?
  let isUnique: Bool
  let object: SuspendedObject
  private(set) var reasonToKeep: KeptObject.Reason?

  /// Keeps the index on its table if building it again takes a right that is missing.
  func kept(without missing: [RebuildRight]) -> FoundIndex {
    var found = self
    found.reasonToKeep =
      reasonToKeep ?? .missingRights(missing.filter { !$0.isForeignKey && $0.object == oid })
    return found
  }

  /// What part of a choice takes it.
  var choice: SetAsideChoice {
    switch object.kind {
    case .primaryKey: .primaryKey
    case .unique: .uniqueness
    case .index, .foreignKey: isUnique ? .uniqueness : .plainIndexes
    }
  }
}

extension SuspendedCatalog {
  /// Returns a table's indexes in the order of their names.
  func indexes(of oid: Int, _ table: QualifiedName) throws -> [FoundIndex] {
    let found = try connection.query(Self.indexQuery, [oid])
    return try found.rows(by: IndexColumn.self).map { try Self.index($0, table) }
  }

  /// Returns one index of a table by its name.
  func index(named name: String, of oid: Int, _ table: QualifiedName) throws -> FoundIndex? {
    try indexes(of: oid, table).first { $0.object.name == name }
  }

  private static let indexQuery =
    """
    SELECT \(IndexColumn.list)
    FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_am am ON am.oid = c.relam
      LEFT JOIN pg_constraint con
        ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x')
    WHERE i.indrelid = $1::bigint::oid
    ORDER BY c.relname
    """

  private enum IndexColumn: String, ColumnList {
    case oid = "i.indexrelid::bigint"
    case name = "c.relname"
    case definition = "pg_get_indexdef(i.indexrelid)"
    case isUnique = "i.indisunique"
    case isValid = "i.indisvalid AND i.indisready AND i.indislive"
    case isClustered = "i.indisclustered"
    case isReplicaIdentity = "i.indisreplident"
    case comment = "obj_description(i.indexrelid, 'pg_class')"
    case tablespace = "(SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace)"
    case statistics =
      """
      (SELECT jsonb_object_agg(a.attnum, a.attstattarget) FROM pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)::text
      """
    case constraintOID = "con.oid::bigint"
    case constraintKind = "con.contype::text"
    case constraintDefinition = "pg_get_constraintdef(con.oid)"
    case isDeferrable = "con.condeferrable"
    case isInitiallyDeferred = "con.condeferred"
    case constraintComment = "obj_description(con.oid, 'pg_constraint')"
    case constraintName = "con.conname"
    case method = "am.amname"
    case isPartitioned =
      """
      t.relkind = 'p' OR t.relispartition
        OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
      """
    case isOfExtension =
      """
      EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = i.indexrelid AND d.deptype IN ('e', 'x'))
      """
    case isOwner = "pg_has_role(t.relowner, 'USAGE')"
    case hasChangedTriggers =
      "EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = con.oid AND g.tgenabled <> 'O')"
  }

  private static func index(
    _ row: ColumnRow<IndexColumn>, _ table: QualifiedName
  ) throws -> FoundIndex {
    var details = SuspendedObject.Details()
    details.isClustered = row.flag(.isClustered)
    details.isReplicaIdentity = row.flag(.isReplicaIdentity)
    (details.indexComment, details.tablespace) = (row.text(.comment), row.text(.tablespace))
    details.statistics = SuspendedObject.Details.statistics(try row.json(.statistics))
    details.isDeferrable = row.flag(.isDeferrable)
    details.isInitiallyDeferred = row.flag(.isInitiallyDeferred)
    details.constraintComment = row.text(.constraintComment)
    let kind: SuspendedObject.Kind =
      switch row.text(.constraintKind) {
      case "p": .primaryKey
      case "u": .unique
      default: .index
      }
    let object = SuspendedObject(
      id: 0, table: table, kind: kind, name: row.string(.name),
      indexDefinition: row.text(.definition), constraintDefinition: row.text(.constraintDefinition),
      details: details, status: .recorded)
    return FoundIndex(
      oid: row.number(.oid), constraintOID: row.int(.constraintOID),
      isUnique: row.flag(.isUnique), object: object, reasonToKeep: reasonToKeep(row))
  }

  private static func reasonToKeep(_ row: ColumnRow<IndexColumn>) -> KeptObject.Reason? {
    if !row.flag(.isOwner) { return .notOwner }
    if row.flag(.isPartitioned) { return .partitioned }
    if !row.flag(.isValid) { return .invalidIndex }
    if row.flag(.isOfExtension) { return .extensionMember }
    if row.flag(.hasChangedTriggers) { return .triggersChanged }
    // USING INDEX takes B-trees alone; an index always bears its constraint's name.
    let kind = row.text(.constraintKind)
    let isConstraint = kind != nil
    let isAttachable =
      kind != "x" && row.text(.method) == "btree" && row.text(.constraintName) == row.text(.name)
    return isConstraint && !isAttachable ? .notAttachable : nil
  }
}
