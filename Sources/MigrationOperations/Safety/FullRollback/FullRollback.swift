import Glibc
import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Takes the whole target back to its last verified backup, whatever happened to it since.
///
/// 1. **Look.** Only a verified backup; rights, space, sessions of others. If anything is in the way,
///    nothing is done.
/// 2. **Restore** into a new database of the server, and compare counts and hashes with the
///    backup's manifest. The target is as it was all the while; its migration is stopped, and none begins.
/// 3. **Swap** the names in one transaction, with all settings of the database.
/// 4. The previous database is kept until `commit` drops it, or `undo` puts it back.
///
/// The state is in the server from the first change to the last; a kill at any time leaves one
/// that every command names, and that `--resume` continues with.
package struct FullRollback {
  package struct Options: Sendable {
    /// The backup to go back to; nil for the newest verified one.
    package var backup: String?
    /// Whether sessions of others on the target are ended.
    package var disconnects = false
    /// Whether it only continues with one that was begun.
    package var resumes = false
    package var ledgerSchema = Ledger.defaultSchema
    /// The file of state, and the checkpoint file, which describes rows that no longer exist afterwards.
    package var stateFile: String?
    package var checkpointFile: String?

    package init() {}
  }

  package struct Outcome: Sendable {
    package let state: FullRollbackState
    /// Nil if that was done before.
    package let restored: BackupRestore.Outcome?
  }

  package let work: BackupWork
  package let server: TargetServer
  package let options: Options

  package init(_ work: BackupWork, target: PostgresPlace, options: Options) throws {
    (self.work, self.options) = (work, options)
    server = try TargetServer(target)
  }

  /// Returns the one that was begun and is not over; nil if there is none.
  package func unfinished() throws -> FullRollbackState? { try server.mark()?.state }

  /// Goes back, or continues with it.
  ///
  /// - Parameter confirm: is shown what would be done, and throws if that is not wanted.
  package func run(confirm: (FullRollbackPreview) throws -> Void) throws -> Outcome {
    let mark = try begun(server.lockedMark())
    let isAnother = mark?.state.isWaiting ?? false
    let preview = try preview(isAnother ? nil : mark)
    try preview.requireNoObstacles()
    try confirm(preview)
    guard let mark else { return try begin(preview) }
    if isAnother {
      try FullRollbackEnding(self).keepAside(mark)
      work.note(
        "\(mark.state.aside), kept by the full rollback before, stays as a database like any other")
      return try begin(preview)
    }
    return try goOn(try record(mark.state.mine, on: mark.name), mark)
  }

  /// The one to continue with.
  private func begun(_ mark: FullRollbackMark?) throws -> FullRollbackMark? {
    guard let mark else {
      guard options.resumes else { return nil }
      throw MigrationError(
        .failed, "there is no full rollback to continue", reason: "nothingToResume",
        place: server.target, remedy: "see: migrate status")
    }
    // Whoever has migrated into the restored target since may take it back again.
    if mark.state.isWaiting, !options.resumes, try hasRun(since: mark.state) { return mark }
    let isOther = options.backup.map { $0 != mark.state.backup } ?? false
    if mark.state.isWaiting || isOther { throw mark.refusal(place: server.target) }
    return mark
  }

  private func hasRun(since state: FullRollbackState) throws -> Bool {
    let ledger = try Ledger(server.place.connect(), schema: options.ledgerSchema)
    guard case .current = try ledger.condition() else { return false }
    return try ledger.hasRun(since: state.begun)
  }

  private func begin(_ preview: FullRollbackPreview) throws -> Outcome {
    let hold = try TargetLock(server.place, ledgerSchema: options.ledgerSchema, tell: work.note)
    let backup = try work.folder.find(preview.backup)
    var state = FullRollbackState(
      stage: .restoring, target: server.target, restored: preview.restored, aside: preview.aside,
      backup: backup.name, backupID: backup.manifest?.id ?? "", begun: .now(),
      begunBy: OperatorName.current, host: OperatorName.host, process: Int(getpid()),
      comment: try DatabaseProperties.read(server.connection, server.target).comment)
    state = try record(state, on: server.target)
    return try finish(try restore(state, backup), hold)
  }

  /// Does what is left, from the stage that it came to.
  private func goOn(_ state: FullRollbackState, _ mark: FullRollbackMark) throws -> Outcome {
    switch state.stage {
    case .restoring:
      let hold = try TargetLock(server.place, ledgerSchema: options.ledgerSchema, tell: work.note)
      return try finish(try restore(state, try backup(of: state)), hold)
    case .restored, .swapping: return try finish(Outcome(state: state, restored: nil), nil)
    case .undoing, .committing:
      return Outcome(state: try FullRollbackEnding(self).resume(mark), restored: nil)
    case .swapped, .verified, .committed, .undone: throw mark.refusal(place: server.target)
    }
  }

  /// The backup that it was begun with; another one of the same name is none.
  package func backup(of state: FullRollbackState) throws -> Backup {
    let backup = try work.folder.find(state.backup)
    guard backup.manifest?.id == state.backupID else {
      throw MigrationError(
        .failed, "backup \(state.backup) is not the backup that the rollback started with",
        place: backup.path, remedy: state.next)
    }
    return backup
  }

  private func restore(_ state: FullRollbackState, _ backup: Backup) throws -> Outcome {
    let beside = FullRollbackRestore(work: work, server: server, options: options)
    do {
      let outcome = try beside.run(state, backup)
      var state = state
      state.stage = .restored
      return Outcome(state: try record(state, on: state.target), restored: outcome)
    } catch {
      throw giveUp(state, after: error)
    }
  }

  /// Takes away what was begun; the target was not touched.
  private func giveUp(_ state: FullRollbackState, after error: any Error) -> any Error {
    do {
      guard let mark = try server.mark() else { return error }
      try FullRollbackEnding(self).clear(mark)
    } catch {
      work.note("could not clean up the unfinished rollback: \(error); \(state.next)")
    }
    return error
  }

  private func finish(_ outcome: Outcome, _ hold: TargetLock?) throws -> Outcome {
    // It belongs to a ledger that is kept with its database, and would be taken for an error.
    if let file = options.checkpointFile { try CheckpointFile(file).remove() }
    try hold?.release()
    let swap = FullRollbackSwap(server: server, disconnects: options.disconnects)
    work.note("renaming the restored database to \(server.target)")
    let state = try swap.forward(outcome.state)
    write(state)
    return Outcome(state: state, restored: outcome.restored)
  }

  /// Notes a state: in the server first, then in the file.
  @discardableResult
  package func record(_ state: FullRollbackState, on database: String) throws -> FullRollbackState {
    try server.connection.execute(FullRollbackMark.statement(state, on: database))
    write(state)
    return state
  }

  /// A file that can't be written is reported, and stops nothing: the mark in the server counts.
  package func write(_ state: FullRollbackState) {
    guard let path = options.stateFile else { return }
    do { try FullRollbackFile(path).write(state) } catch {
      work.note("could not write the rollback's state file: \(error)")
    }
  }
}
