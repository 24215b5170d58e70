import MigrationPlan
import Postgres

/// Reads from the catalogue what could be suspended, and how to restore it.
///
/// Every definition is read with nothing but `pg_catalog` in the search path, so that all other
/// names in it carry their schema and it means the same for every session.
struct SuspendedCatalog {
  let connection: Connection

  /// What a table has, sorted into what the choice takes and what has to stay.
  struct Survey {
    var objects: [SuspendedObject] = []
    var kept: [KeptObject] = []
  }

  /// Must run inside a transaction, for the search path's sake.
  func survey(_ table: QualifiedName, _ choice: SetAsideChoice) throws -> Survey {
    try Self.isolateNames(connection)
    guard let oid = try tableOID(table) else {
      throw LedgerError(.unknown, "there is no table \(table)")
    }
    var survey = Survey()
    let missing = try RebuildRights(connection: connection).rights(of: [oid])
      .filter { !$0.isGranted }
    let foreignKeys = try foreignKeys(of: oid).map { $0.kept(without: missing) }
    for found in foreignKeys where choice.contains(found.choice(for: oid)) {
      if let reason = found.reasonToKeep {
        survey.kept.append(KeptObject(name: found.object.name, reason: reason))
      } else {
        survey.objects.append(found.object)
      }
    }
    let chosen = Set(
      foreignKeys.filter { choice.contains($0.choice(for: oid)) && $0.reasonToKeep == nil }
        .map(\.oid))
    let indexes = try indexes(of: oid, table).map { $0.kept(without: missing) }
    for found in indexes where choice.contains(found.choice) {
      if let reason = try reasonToKeep(found, droppedForeignKeys: chosen) {
        survey.kept.append(KeptObject(name: found.object.name, reason: reason))
      } else {
        survey.objects.append(found.object)
      }
    }
    return survey
  }

  /// Limits the search path to the catalogue until the transaction ends.
  static func isolateNames(_ connection: Connection) throws(PostgresError) {
    try connection.use(.catalog)
  }

  func tableOID(_ table: QualifiedName) throws(PostgresError) -> Int? {
    try connection.query(
      """
      SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
      """, [table.schema, table.name]
    ).rows.first?.int(0)
  }

  private func reasonToKeep(
    _ found: FoundIndex, droppedForeignKeys: Set<Int>
  ) throws(PostgresError) -> KeptObject.Reason? {
    if let reason = found.reasonToKeep { return reason }
    for dependent in try dependents(of: found) {
      let goesToo = dependent.foreignKey.map { droppedForeignKeys.contains($0) } ?? false
      if !goesToo { return .neededBy(dependent.description) }
    }
    return nil
  }

  /// What would be dropped with an index or its constraint, apart from their own inner parts.
  private func dependents(
    of found: FoundIndex
  ) throws(PostgresError) -> [(foreignKey: Int?, description: String)] {
    try connection.query(
      """
      SELECT CASE WHEN d.classid = 'pg_constraint'::regclass THEN
          (SELECT f.oid::bigint FROM pg_constraint f WHERE f.oid = d.objid AND f.contype = 'f') END,
        pg_describe_object(d.classid, d.objid, d.objsubid)
      FROM pg_depend d
      WHERE ((d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::bigint::oid)
          OR (d.refclassid = 'pg_constraint'::regclass AND d.refobjid = $2::bigint::oid))
        AND d.deptype <> 'i'
      """, [found.oid, found.constraintOID ?? 0]
    ).rows.map { ($0.int(0), $0.string(1)) }
  }
}
