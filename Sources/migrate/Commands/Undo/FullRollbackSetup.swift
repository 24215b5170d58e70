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

  /// Returns the unfinished full rollback, from its mark on the server.
  func begun() throws -> FullRollbackState? { try setup.databases.fullRollback() }
}
