import MigrationLedger
import Postgres

/// The rights to build indexes and foreign keys again that are dropped for a load.
extension PermissionSurvey {
  /// Returns what building the tables' indexes and foreign keys again takes, each right once.
  func rebuilding(_ live: LiveTables, _ role: String) throws -> [NeededRight] {
    let grantee = try SQL.identifier(role)
    let late = plan.tables.reduce(into: Set<String>()) {
      $0.formUnion(lateForeignKeys(of: $1, live))
    }
    let rights = try RebuildRights(connection: connection, role: role).rights(of: live.oids)
    let groups = Dictionary(grouping: rights) { "\($0.privilege) \($0.target) \($0.grantee ?? "")" }
    let found = groups.values.compactMap { group -> NeededRight? in
      guard let right = group.first else { return nil }
      let isLate = group.contains { $0.isForeignKey && late.contains($0.objectName) }
      let names = Set(group.map(\.objectName)).sorted()
      let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
      return NeededRight(
        side: .target, object: right.target.loweredKind, privilege: right.privilege,
        purpose: "suspended objects are rebuilt after the load: \(shown)",
        need: isLate ? .migration : .speed, isGranted: right.isGranted,
        grant: "GRANT \(right.privilege) ON \(right.target) TO \(right.grantee ?? grantee)",
        owner: nil)
    }
    return try found.sorted { ($0.object, $0.privilege) < ($1.object, $1.privilege) }
      + pending(role, grantee)
  }

  /// Returns what it takes to build what a run has dropped and that is not rebuilt yet.
  private func pending(_ role: String, _ grantee: String) throws -> [NeededRight] {
    guard try canReadLedger() else { return [] }
    let objects = try SuspendedObjects(Ledger(connection, schema: ledgerSchema)).pendingRestores()
      .filter { $0.status == .dropped }
    var questions: [RightQuestion] = []
    for object in objects {
      let purpose = "\(object.name) of \(object.table) is suspended and has to be rebuilt"
      if let referenced = object.details.referenced {
        let name = try referenced.quoted()
        questions.append(
          RightQuestion(
            object: "table \(name)", privilege: "REFERENCES", purpose: purpose,
            probe: "has_table_privilege($1, \(SQL.literal(name)), 'REFERENCES')",
            grant: "GRANT REFERENCES ON \(name)"))
      } else {
        questions.append(try schema(object.table.schema, "CREATE", purpose))
      }
      guard let tablespace = object.details.tablespace else { continue }
      questions.append(
        RightQuestion(
          object: "tablespace \(tablespace)", privilege: "CREATE", purpose: purpose,
          probe: "has_tablespace_privilege($1, \(SQL.literal(tablespace)), 'CREATE')",
          grant: "GRANT CREATE ON TABLESPACE \(try SQL.identifier(tablespace))"))
    }
    return try ask(questions, role, .target)
  }

  /// If it can't be read, the rights on the ledger are missing, which is reported.
  func canReadLedger() throws -> Bool {
    try connection.query(
      """
      SELECT coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE')
        AND has_table_privilege(c.oid, 'SELECT')), false)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname NOT LIKE 'merge_%'
      """, [ledgerSchema]
    ).bool(0, 0) ?? false
  }
}

extension String {
  /// `SCHEMA public` as reports write it: `schema public`; a bare name is a table's.
  fileprivate var loweredKind: String {
    for kind in ["SCHEMA ", "TABLESPACE ", "FUNCTION "] where hasPrefix(kind) {
      return kind.lowercased() + dropFirst(kind.count)
    }
    return "table " + self
  }
}
