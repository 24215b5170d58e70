import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Whether the ledger, the checkpoint file and the target agree.
///
/// Ledger and target are read in one transaction that sees one moment, so that a migration that is
/// running does not make them differ.
package struct StateCheck {
  /// One thing that was compared.
  package struct Finding: Sendable, Hashable {
    package let name: String
    package let verdict: Check.Verdict
    package let finding: String
    package let remedy: String?
  }

  private let ledger: Ledger
  private let session: Session
  /// The schema of the target's tables.
  private let schema: String
  /// Tables whose equal rows become one when all are there.
  private let merged: Set<String>
  private let checkpoint: CheckpointFile

  package init(_ ledger: Ledger, _ session: Session, _ plan: Plan, checkpoint: CheckpointFile) {
    (self.ledger, self.session, self.checkpoint) = (ledger, session, checkpoint)
    schema = plan.target.schema
    merged = Set(plan.tables.filter { $0.merge != nil }.map(\.name))
  }

  package func run() throws -> [Finding] {
    let isRunning = try ledger.runningRun() != nil
    try ledger.connection.begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    defer { try? ledger.connection.rollback() }
    let sheets = try ledger.balance(session: session.id)
    let tables = try ledger.progress(session: session.id)
    var findings = tables.map(state)
    findings += sheets.map(books)
    for (sheet, table) in zip(sheets, tables) where sheet.chunksDone > 0 {
      findings.append(try rows(sheet, table.table))
    }
    findings.append(try setAside(tables, isRunning: isRunning))
    findings.append(try runs(isRunning: isRunning))
    findings.append(try file(isRunning: isRunning))
    return findings
  }

  /// A table's state against its chunks.
  private func state(_ table: TableProgress) -> Finding {
    let name = "state of \(table.table.name)"
    let text =
      "\(table.table.status.rawValue), \(table.chunksDone) of \(CountText.of(table.chunks, "chunk")) done"
    let isSound =
      switch table.table.status {
      case .pending: table.chunksDone == 0
      case .running: true
      case .loaded, .restoring, .done: table.chunksDone == table.chunks
      }
    return isSound
      ? pass(name, text)
      : failure(name, text, "run again to load the rest: migrate run --resume")
  }

  private func books(_ sheet: RowCounts) -> Finding {
    let name = "row counts of \(sheet.table)"
    guard let fault = sheet.faults.first else {
      return pass(name, "add up: \(CountText.of(sheet.read, "row")) read")
    }
    return failure(
      name, "do not add up: \(fault.kind.rawValue), \(fault.expected) and \(fault.found)",
      "the ledger was changed by hand; compare with the source: migrate errors --details")
  }

  /// The target may have more rows, for others may write to it; fewer means that some are gone.
  private func rows(_ sheet: RowCounts, _ state: TableState) throws -> Finding {
    let name = "rows of \(sheet.table)"
    let rows = try ledger.rowsInTarget(
      of: sheet, state, schema: schema, isMerged: merged.contains(sheet.table))
    guard let rows else {
      return pass(name, "in a staging table until all rows are loaded and equal rows are merged")
    }
    guard let found = rows.found else {
      return failure(
        name, "the ledger has \(CountText.of(sheet.inTarget, "row")), and the table does not exist",
        "restore the target, or start over: migrate run --fresh")
    }
    let expected = rows.expected
    if found == expected {
      return pass(name, "\(GroupedNumber.text(found)) in the target, as in the ledger")
    }
    if found > expected {
      return warning(
        name,
        "\(GroupedNumber.text(found)) in the target, \(GroupedNumber.text(found - expected)) more than in the ledger",
        "others have written them")
    }
    return failure(
      name,
      "\(GroupedNumber.text(found)) in the target, \(GroupedNumber.text(expected - found)) fewer than in the ledger",
      "rows were deleted or the target was restored; start over: migrate run --fresh")
  }

  private func setAside(_ tables: [TableProgress], isRunning: Bool) throws -> Finding {
    let name = "indexes and constraints"
    let count = try SuspendedObjects(ledger).pendingRestores().count
    guard count > 0 else { return pass(name, "none is suspended") }
    let isUnderWay = isRunning || tables.contains { $0.table.status != .done }
    return isUnderWay
      ? pass(name, "\(count) suspended until their tables are loaded")
      : failure(name, "\(count) still suspended", "rebuild them: migrate run --resume")
  }

  private func runs(isRunning: Bool) throws -> Finding {
    let open = try ledger.runs(session: session.id).filter { $0.ended == nil }
    guard let first = open.first, !isRunning else {
      return pass("runs", isRunning ? "one is running" : "all have ended")
    }
    return warning(
      "runs",
      "run \(first.id) (\(first.identity.host), process \(first.identity.process)) "
        + "ended without reporting", "continue: migrate run --resume")
  }
}

extension StateCheck {
  package func pass(_ name: String, _ finding: String) -> Finding {
    Finding(name: name, verdict: .pass, finding: finding, remedy: nil)
  }

  package func warning(_ name: String, _ finding: String, _ remedy: String) -> Finding {
    Finding(name: name, verdict: .warning, finding: finding, remedy: remedy)
  }

  package func failure(_ name: String, _ finding: String, _ remedy: String) -> Finding {
    Finding(name: name, verdict: .failure, finding: finding, remedy: remedy)
  }

  /// The checkpoint file is a copy of the ledger, and there only while work is left.
  private func file(isRunning: Bool) throws -> Finding {
    let name = "checkpoint file"
    let compared: CheckpointFinding
    let isThere: Bool
    do { isThere = try checkpoint.read() != nil } catch {
      let told = (error as? LedgerError)?.migrationError ?? error as? MigrationError
      return failure(name, told?.what ?? "\(error)", told?.remedy ?? "move it away")
    }
    // A part has none; one that is there is of the migration as a whole.
    if session.isPart { return pass(name, "a part of the rows has none") }
    if session.status != .open {
      return isThere
        ? failure(
          name, "still exists, and the session is \(session.status.rawValue)",
          "remove it: \(checkpoint.path)") : pass(name, "is removed")
    }
    do { compared = try checkpoint.reconcile(session, ledger) } catch let error as LedgerError {
      return failure(name, error.what, error.remedy ?? "move it away")
    }
    let again = "continuing the migration rewrites it: migrate run --resume"
    switch compared {
    case .agrees: return pass(name, "agrees with the ledger")
    case .nothing: return pass(name, "does not exist, and nothing was loaded yet")
    case .fileMissing:
      return warning(
        name, "is not in this folder", "run the check in the folder of the migration")
    case .fileBehind(let rows) where isRunning:
      return pass(name, "is \(CountText.of(rows, "row")) behind a running migration")
    case .fileBehind(let rows):
      return failure(name, "is \(CountText.of(rows, "row")) behind the ledger", again)
    case .ledgerBehind(let rows):
      return failure(
        name, "has \(CountText.of(rows, "row")) more than the ledger",
        "the target may have been restored from a backup; \(again)")
    case .earlierSession(let number):
      return failure(name, "is of session \(number), which has ended", again)
    }
  }
}
