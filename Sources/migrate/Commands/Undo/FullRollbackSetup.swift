import MigrationCore

/// The setup of the commands about full rollbacks.
struct FullRollbackSetup {
  private let setup: BackupSetup
  private let invocation: Invocation

  var console: Console { setup.console }
  var settings: Settings { setup.settings }

  init(_ invocation: Invocation) throws {
    (setup, self.invocation) = (try BackupSetup(invocation), invocation)
  }

  func rollback() throws -> FullRollback {
    var options = FullRollback.Options()
    options.backup = invocation[RollbackCommand.backup]
    options.resumes = invocation[RollbackCommand.resume]
    options.disconnects = invocation[RollbackCommand.disconnect]
    options.ledgerSchema = setup.settings.value(.ledgerSchema)
    options.stateFile = file.path
    options.checkpointFile = invocation.program.folder + "/" + CheckpointFile.defaultName
    return try FullRollback(setup.work, target: setup.databases.postgres(.target), options: options)
  }

  var file: FullRollbackFile {
    FullRollbackFile(invocation.program.folder + "/" + FullRollbackFile.defaultName)
  }

  /// Whether rows were rolled back in the restored target since; without that, the full rollback is the last one.
  func hasLaterRollback(than state: FullRollbackState) throws -> Bool {
    switch state.stage {
    case .restoring, .restored, .swapping, .committing, .undoing: return false
    case .swapped, .verified, .committed, .undone: break
    }
    let ledger = try Ledger(setup.databases.target(), schema: settings.value(.ledgerSchema))
    guard try OpenLedger.isThere(ledger), let record = try ledger.latestRollback() else {
      return false
    }
    return record.begun > state.begun
  }

  /// Returns the unfinished full rollback, from its mark on the server.
  func begun() throws -> FullRollbackState? { try setup.databases.fullRollback() }
}
