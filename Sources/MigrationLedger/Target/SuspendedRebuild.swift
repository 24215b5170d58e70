import Postgres

/// Takes one object one stage further, inside the transaction that has claimed it.
///
/// It checks the catalogue first: what is there and equal is not built again, what is there and
/// different is a conflict for people to solve.
struct SuspendedRebuild {
  let object: SuspendedObject
  let connection: Connection
  let memory: String?

  /// Returns the state that the object has reached.
  func run(_ stage: RestoreStage) throws -> SuspendedObject.Status {
    try SuspendedCatalog.isolateNames(connection)
    let catalog = SuspendedCatalog(connection: connection)
    guard let oid = try catalog.tableOID(object.table) else {
      throw LedgerError(
        .unknown, "the table of \(object.name) does not exist", place: "\(object.table)",
        remedy: "create it again, or abandon the object")
    }
    switch stage {
    case .buildIndex: return try buildIndex(catalog, oid)
    case .attach: return try attach(catalog, oid)
    case .addForeignKey: return try addForeignKey(catalog, oid)
    case .validate: return try validate(catalog, oid)
    }
  }

  private func buildIndex(
    _ catalog: SuspendedCatalog, _ oid: Int
  ) throws -> SuspendedObject.Status {
    if let found = try catalog.index(named: object.name, of: oid, object.table) {
      try requireSameIndex(found)
      let isAttached = found.object.constraintDefinition == object.constraintDefinition
      return isAttached && hasMarks(found) ? .restored : .built
    }
    guard let definition = object.indexDefinition else { throw damaged }
    try useResources()
    try connection.execute(definition)
    try describeIndex()
    let needsMore =
      object.kind != .index || object.details.isClustered || object.details.isReplicaIdentity
    return needsMore ? .built : .restored
  }

  private func attach(_ catalog: SuspendedCatalog, _ oid: Int) throws -> SuspendedObject.Status {
    guard let found = try catalog.index(named: object.name, of: oid, object.table) else {
      // Dropped by hand since it was built: it starts again.
      return .dropped
    }
    try requireSameIndex(found)
    if found.object.constraintDefinition == nil, object.kind != .index {
      try connection.execute(
        "ALTER TABLE \(try table) ADD CONSTRAINT \(try name) \(try attachment)")
    } else if found.object.constraintDefinition != object.constraintDefinition {
      throw conflict(found.object.constraintDefinition)
    }
    try describeConstraint()
    if object.details.isClustered {
      try connection.execute("ALTER TABLE \(try table) CLUSTER ON \(try name)")
    }
    if object.details.isReplicaIdentity {
      try connection.execute("ALTER TABLE \(try table) REPLICA IDENTITY USING INDEX \(try name)")
    }
    return .restored
  }

  private func addForeignKey(
    _ catalog: SuspendedCatalog, _ oid: Int
  ) throws -> SuspendedObject.Status {
    if let found = try catalog.foreignKey(named: object.name, of: oid) {
      try requireSameForeignKey(found)
      let isReady = found.object.details.isValidated || !object.details.isValidated
      return isReady ? .restored : .built
    }
    guard let definition = object.constraintDefinition else { throw damaged }
    try connection.execute(
      "ALTER TABLE \(try table) ADD CONSTRAINT \(try name) \(definition) NOT VALID")
    try describeConstraint()
    return object.details.isValidated ? .built : .restored
  }

  private func validate(_ catalog: SuspendedCatalog, _ oid: Int) throws -> SuspendedObject.Status {
    guard let found = try catalog.foreignKey(named: object.name, of: oid) else { return .dropped }
    try requireSameForeignKey(found)
    if !found.object.details.isValidated {
      try useResources()
      try connection.execute("ALTER TABLE \(try table) VALIDATE CONSTRAINT \(try name)")
    }
    return .restored
  }

  private func useResources() throws(PostgresError) {
    // Always set: an index without a tablespace belongs into the database's own, whatever the
    // session's default is.
    try connection.query(
      "SELECT set_config('default_tablespace', $1, true)", [object.details.tablespace ?? ""])
    guard let memory else { return }
    try connection.query("SELECT set_config('maintenance_work_mem', $1, true)", [memory])
  }

  private func describeIndex() throws {
    let index = try SQL.identifier(schema: object.table.schema, object.name)
    if let comment = object.details.indexComment {
      try connection.execute("COMMENT ON INDEX \(index) IS \(SQL.literal(comment))")
    }
    for (column, target) in object.details.statistics.sorted(by: { $0.key < $1.key }) {
      try connection.execute("ALTER INDEX \(index) ALTER COLUMN \(column) SET STATISTICS \(target)")
    }
  }

  private func describeConstraint() throws {
    guard let comment = object.details.constraintComment else { return }
    try connection.execute(
      "COMMENT ON CONSTRAINT \(try name) ON \(try table) IS \(SQL.literal(comment))")
  }

  private var table: String { get throws(IdentifierError) { try object.table.quoted() } }

  private var name: String { get throws(IdentifierError) { try SQL.identifier(object.name) } }

  private var attachment: String {
    get throws(IdentifierError) {
      let kind = object.kind == .primaryKey ? "PRIMARY KEY" : "UNIQUE"
      let details = object.details
      let timing =
        details.isInitiallyDeferred
        ? " DEFERRABLE INITIALLY DEFERRED" : details.isDeferrable ? " DEFERRABLE" : ""
      return "\(kind) USING INDEX \(try SQL.identifier(object.name))\(timing)"
    }
  }

  private func hasMarks(_ found: FoundIndex) -> Bool {
    found.object.details.isClustered == object.details.isClustered
      && found.object.details.isReplicaIdentity == object.details.isReplicaIdentity
  }

  private func requireSameIndex(_ found: FoundIndex) throws(LedgerError) {
    let isSame = found.object.indexDefinition == object.indexDefinition
    guard isSame, found.reasonToKeep != .invalidIndex else {
      throw conflict(found.object.indexDefinition)
    }
  }

  private func requireSameForeignKey(_ found: FoundForeignKey) throws(LedgerError) {
    guard found.object.constraintDefinition == object.constraintDefinition else {
      throw conflict(found.object.constraintDefinition)
    }
  }

  private func conflict(_ definition: String?) -> LedgerError {
    LedgerError(
      .restoreConflict,
      "\(object.name) exists again, with another definition than when it was suspended",
      place: "\(object.table): now \(definition ?? "without a constraint"), before "
        + [object.indexDefinition, object.constraintDefinition].compactMap { $0 }
        .joined(separator: " / "),
      remedy: "drop or rename the new one, then run again; or abandon the old one")
  }

  private var damaged: LedgerError {
    LedgerError(.ledgerDamaged, "the definition of \(object.name) is missing from the ledger")
  }
}
