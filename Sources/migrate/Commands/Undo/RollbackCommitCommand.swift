import MigrationCore

/// `migrate rollback commit`: the end of a full rollback.
enum RollbackCommitCommand {
  static let unverified = Option.flag(
    "unverified", help: "Also where the rollback was not verified.")
  static let keep = Option.flag(
    "keep", help: "Drop nothing: the database of before stays, as one like any other.")

  static let page = CommandPage(
    words: ["rollback", "commit"], group: .undo,
    summary: "Drop the database that a full rollback has kept aside, and end it.",
    discussion: [
      "After migrate rollback --full the database of before is kept under another name. This drops it, "
        + "after the rollback was verified (migrate rollback verify) or with --unverified. There is no way "
        + "back from it. Then migrate run may begin again."
    ],
    options: [unverified.spec, keep.spec, SharedOptions.yes.spec],
    examples: [("migrate rollback commit", "asks for the name of the target, then drops")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    let keeps = invocation[keep]
    let state = try FullRollbackEnding(setup.rollback()).commit(
      unverified: invocation[unverified], keeps: keeps
    ) { state in
      guard !keeps else { return }
      try invocation.confirm(
        "This drops \(state.aside), the database of before, for good.", word: state.target,
        yes: invocation[SharedOptions.yes])
    }
    if setup.console.isJSON {
      setup.console.result(["rollback": state.json, "kept": .bool(keeps)])
    } else {
      setup.console.result(
        keeps
          ? "\(state.aside) stays, and is a database like any other now"
          : "\(state.aside) is dropped; the rollback to \(state.backup) is committed")
      setup.console.result(state.next)
    }
    return .done
  }
}

/// `migrate rollback undo`: gives a full rollback up.
enum RollbackUndoCommand {
  static let page = CommandPage(
    words: ["rollback", "undo"], group: .undo,
    summary: "Give a full rollback up: the database of before is the target again.",
    discussion: [
      "Before the names were changed, the restored database is dropped and nothing else was done. After "
        + "it, the database of before gets its name back as it was then, and the restored one is dropped "
        + "with all that was written to it since. Not after migrate rollback commit."
    ],
    options: [RollbackCommand.disconnect.spec, SharedOptions.yes.spec],
    examples: [("migrate rollback undo", "the target as it was before rollback --full")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    let state = try FullRollbackEnding(setup.rollback()).undo { state in
      try invocation.confirm(
        "This drops what was restored from \(state.backup), and what was written to it since.",
        word: state.target, yes: invocation[SharedOptions.yes])
    }
    if setup.console.isJSON {
      setup.console.result(["rollback": state.json])
    } else {
      for line in FullRollbackText.lines(state) { setup.console.result(line) }
    }
    return .done
  }
}
