import MigrationBasics
import MigrationPlan
import Postgres

/// Takes indexes and constraints off a table for its load, and surely puts them back.
///
/// The order of events, each line a commit:
/// 1. Every definition goes into the ledger.
/// 2. Objects are dropped, and marked so, all of a table in one transaction.
/// 3. Each index is built, and marked so.
/// 4. Each constraint is attached to its index; each foreign key is added unvalidated; marks.
/// 5. Each foreign key is validated.
///
/// A crash between any two lines leaves in the ledger what is still to do, and `Restoration` goes
/// on from there: it checks what is there before it builds, so that it may run any number of
/// times. Only what was there comes back, equal to the letter of its definition.
package struct SuspendedObjects: Sendable {
  /// A point between two statements, as tests see them to break off there.
  package typealias StepProbe = @Sendable (String) throws -> Void

  package let ledger: Ledger
  package let probe: StepProbe?

  package init(_ ledger: Ledger) { self.init(ledger, probe: nil) }

  package init(_ ledger: Ledger, probe: StepProbe?) { (self.ledger, self.probe) = (ledger, probe) }

  /// What was suspended, and what had to stay.
  package struct Outcome: Sendable {
    package let objects: [SuspendedObject]
    package let kept: [KeptObject]

    package init(objects: [SuspendedObject], kept: [KeptObject]) {
      self.objects = objects
      self.kept = kept
    }

  }

  /// Reports what would be suspended, and what would stay; changes nothing.
  package func survey(_ table: QualifiedName, _ choice: SetAsideChoice = .usual) throws -> Outcome {
    let connection = ledger.connection
    let survey = try connection.inTransaction {
      try SuspendedCatalog(connection: connection).survey(table, choice)
    }
    return Outcome(objects: survey.objects, kept: survey.kept)
  }

  /// Takes objects off a table; what an earlier try has recorded or dropped already is no problem.
  ///
  /// Runs transactions of its own. The table is locked only for the drops.
  ///
  /// - Precondition: the connection is in no transaction.
  package func setAside(_ table: QualifiedName, _ choice: SetAsideChoice = .usual) throws -> Outcome
  {
    // An index that waits for its constraint would look like an index of its own.
    try Restoration(scope: .unattached(of: table)).work(through: ledger).requireSuccess()
    try probe?("before recording")
    let outcome = try record(table, choice)
    try probe?("recorded")
    guard !outcome.objects.isEmpty else { return outcome }
    try ledger.connection.inTransaction { try drop(table, choice, recorded: outcome.objects) }
    try probe?("dropped")
    return outcome
  }

  /// Returns what is off its table, or on its way back, and has to be restored.
  ///
  /// Every command that writes to the target asks this first. A database without a ledger has none.
  package func pendingRestores() throws -> [SuspendedObject] {
    guard try ledger.isCurrent() else { return [] }
    return try ledger.setAsideObjects("WHERE status NOT IN ('restored', 'forgotten') ORDER BY id")
  }

  /// Returns all that was ever suspended, for reports.
  package func history() throws -> [SuspendedObject] {
    try ledger.setAsideObjects("ORDER BY id")
  }

  /// Gives an object up, for instance because its table is gone for good.
  package func forget(_ object: SuspendedObject) throws {
    try ledger.connection.query(
      "UPDATE \(ledger.names.setAside) SET status = 'forgotten' WHERE id = $1 AND status <> 'restored'",
      [object.id])
  }

  private func record(_ table: QualifiedName, _ choice: SetAsideChoice) throws -> Outcome {
    let connection = ledger.connection
    return try connection.inTransaction {
      let survey = try SuspendedCatalog(connection: connection).survey(table, choice)
      for object in survey.objects { try ledger.record(object) }
      return Outcome(objects: survey.objects, kept: survey.kept)
    }
  }

  private func drop(
    _ table: QualifiedName, _ choice: SetAsideChoice, recorded: [SuspendedObject]
  ) throws {
    let connection = ledger.connection
    let tables = Set(recorded.flatMap { [$0.table, $0.details.referenced].compactMap { $0 } })
    // In one order everywhere, so that two programs that lock the same tables can't deadlock.
    for locked in tables.sorted() {
      try connection.execute("LOCK TABLE ONLY \(try locked.quoted()) IN ACCESS EXCLUSIVE MODE")
    }
    try probe?("locked")
    let now = try SuspendedCatalog(connection: connection).survey(table, choice).objects
    guard now == recorded else {
      throw LedgerError(
        .restoreConflict,
        "an index or a constraint of \(table) changed while it was being suspended",
        remedy: "nothing was dropped; run again after the schema change")
    }
    try tryRebuilding(recorded)
    for object in recorded {
      try connection.execute(try object.dropStatement())
      try probe?("dropping \(object.name)")
    }
    try ledger.markDropped(recorded)
  }

  /// Drops the objects, builds them again, and takes both back: what the server refuses now, such as
  /// by an event trigger, it would refuse when the rows are there.
  ///
  /// The table is empty, or only foreign keys are suspended, which are restored unvalidated.
  private func tryRebuilding(_ objects: [SuspendedObject]) throws {
    let connection = ledger.connection
    try connection.execute("SAVEPOINT migrate_rebuild")
    for object in objects { try connection.execute(try object.dropStatement()) }
    var object = objects[0]
    do {
      for stage in [RestoreStage.buildIndex, .attach, .addForeignKey] {
        for next in objects where (next.kind == .foreignKey) == (stage == .addForeignKey) {
          object = next
          _ = try SuspendedRebuild(object: object, connection: connection, memory: nil).run(stage)
        }
      }
    } catch let error as PostgresError where error.kind == .server && error.nature != .transient {
      throw MigrationError(
        .coded(.schema),
        "\(object.name) could be suspended for the load, but not rebuilt: \(error)",
        reason: "noWayBack", place: "\(object.table)",
        remedy: "nothing was dropped; fix the cause, or keep the indexes during the load: "
          + "loading: { setAside: \"never\" }")
    }
    try connection.execute("ROLLBACK TO SAVEPOINT migrate_rebuild")
  }
}

extension SuspendedObject {
  /// RESTRICT is the default: what depends on the object makes the statement fail.
  func dropStatement() throws(IdentifierError) -> String {
    switch kind {
    case .index: "DROP INDEX \(try SQL.identifier(schema: table.schema, name))"
    case .unique, .primaryKey, .foreignKey:
      "ALTER TABLE \(try table.quoted()) DROP CONSTRAINT \(try SQL.identifier(name))"
    }
  }
}
