import MigrationBasics
import MigrationLedger

/// Writes the checkpoint file for people and scripts; that it can't be written is no reason to stop.
///
/// One statement asks about the tables that the run worked on since the last time.
final class CheckpointWriter {
  private let file: CheckpointFile?
  private let session: Session
  private let connection: RunConnection
  private let tools: RunTools
  private let isFresh: Bool
  /// A checkpoint file that was refused stays as it is.
  private var mayWrite = false
  /// What the last checkpoint was written from; nil if tables other than `changed` may have changed since.
  private var tally: CheckpointTally?
  /// The run's tables, in the order of loading.
  private let tables: [String]
  private var lastTime: ContinuousClock.Instant?
  private var changed: Set<String> = []
  /// The table that is moved, or was moved last.
  private(set) var tableInHand: String?

  init(
    _ request: RunRequest, _ session: Session, _ connection: RunConnection, _ tools: RunTools,
    tables: [String]
  ) {
    (self.session, self.connection, self.tools) = (session, connection, tools)
    self.tables = tables
    (file, isFresh) = (request.checkpoint, request.fresh)
  }

  /// Compares the file with the ledger, which is right.
  func reconcile() throws {
    guard let file else { return }
    if isFresh { try file.remove() }
    switch try file.reconcile(session, connection.ledger) {
    case .ledgerBehind(let rows):
      tools.warn(
        "the checkpoint file has \(CountText.of(rows, "row")) more than the target; was the target restored?"
      )
    case .nothing, .fileMissing, .agrees, .fileBehind, .earlierSession: break
    }
    mayWrite = true
  }

  func begin(table: String) { tableInHand = table }

  func write(_ status: Checkpoint.Status) {
    guard let file else { return }
    if let tableInHand { changed.insert(tableInHand) }
    do {
      let checkpoint = try tallied().checkpoint(status, at: tableInHand)
      lastTime = .now
      try file.write(checkpoint)
    } catch {
      if connection.ledger.connection.isUsable {
        tools.warn("could not write the checkpoint file: \(error)")
      }
    }
  }

  private func tallied() throws -> CheckpointTally {
    var tally: CheckpointTally
    if let last = self.tally {
      tally = last
      try tally.update(connection.ledger, changed: changed)
    } else {
      tally = try CheckpointTally(connection.ledger, session, chosen: tables)
    }
    (self.tally, changed) = (tally, [])
    return tally
  }

  /// Writes the checkpoint after a table, but not for each of many tables that take no time: each writing waits
  /// for the disk.
  func tableEnded() {
    if let tableInHand { changed.insert(tableInHand) }
    guard let lastTime, .now - lastTime < .milliseconds(200) else { return write(.running) }
  }

  /// Takes note that rows of tables that were done before have moved into the quarantine.
  func earlierTablesChanged() { tally = nil }

  /// Writes that the run failed, as far as the target can still be reached.
  func writeFailure(through ledger: Ledger) {
    guard mayWrite, let file, let checkpoint = try? ledger.checkpoint(session, status: .failed)
    else { return }
    try? file.write(checkpoint)
  }

  /// Takes the file away; that this fails undoes nothing of what is complete.
  func remove() {
    do { try file?.remove() } catch {
      tools.warn("the migration is complete, but its checkpoint file was not removed: \(error)")
    }
  }
}
