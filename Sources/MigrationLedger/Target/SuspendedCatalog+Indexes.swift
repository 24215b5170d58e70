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
    return try found.rows.map { try Self.index($0, table) }
  }

  /// Returns one index of a table by its name.
  func index(named name: String, of oid: Int, _ table: QualifiedName) throws -> FoundIndex? {
    try indexes(of: oid, table).first { $0.object.name == name }
  }

  private static let indexQuery =
    """
    SELECT i.indexrelid::bigint, c.relname, pg_get_indexdef(i.indexrelid), i.indisunique,
      i.indisvalid AND i.indisready AND i.indislive, i.indisclustered, i.indisreplident,
      obj_description(i.indexrelid, 'pg_class'),
      (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
      (SELECT jsonb_object_agg(a.attnum, a.attstattarget) FROM pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)::text,
      con.oid::bigint, con.contype::text, pg_get_constraintdef(con.oid), con.condeferrable,
      con.condeferred, obj_description(con.oid, 'pg_constraint'), con.conname,
      am.amname, t.relkind = 'p' OR t.relispartition
        OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid),
      EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = i.indexrelid AND d.deptype IN ('e', 'x')),
      pg_has_role(t.relowner, 'USAGE'),
      EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = con.oid AND g.tgenabled <> 'O')
    FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid
      JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_am am ON am.oid = c.relam
      LEFT JOIN pg_constraint con
        ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p', 'u', 'x')
    WHERE i.indrelid = $1::bigint::oid
    ORDER BY c.relname
    """

  private static func index(_ row: QueryResult.Row, _ table: QualifiedName) throws -> FoundIndex {
    var details = SuspendedObject.Details()
    (details.isClustered, details.isReplicaIdentity) = (row.flag(5), row.flag(6))
    (details.indexComment, details.tablespace) = (row.text(7), row.text(8))
    details.statistics = SuspendedObject.Details.statistics(try row.json(9))
    (details.isDeferrable, details.isInitiallyDeferred) = (row.flag(13), row.flag(14))
    details.constraintComment = row.text(15)
    let kind: SuspendedObject.Kind =
      switch row.text(11) {
      case "p": .primaryKey
      case "u": .unique
      default: .index
      }
    let object = SuspendedObject(
      id: 0, table: table, kind: kind, name: row.string(1), indexDefinition: row.text(2),
      constraintDefinition: row.text(12), details: details, status: .recorded)
    return FoundIndex(
      oid: row.number(0), constraintOID: row.int(10), isUnique: row.flag(3), object: object,
      reasonToKeep: reasonToKeep(row))
  }

  private static func reasonToKeep(_ row: QueryResult.Row) -> KeptObject.Reason? {
    if !row.flag(20) { return .notOwner }
    if row.flag(18) { return .partitioned }
    if !row.flag(4) { return .invalidIndex }
    if row.flag(19) { return .extensionMember }
    if row.flag(21) { return .triggersChanged }
    // USING INDEX takes B-trees alone; an index always bears its constraint's name.
    let isConstraint = row.text(11) != nil
    let isAttachable = row.text(11) != "x" && row.text(17) == "btree" && row.text(16) == row.text(1)
    return isConstraint && !isAttachable ? .notAttachable : nil
  }
}
