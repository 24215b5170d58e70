import MigrationCore

/// `migrate rollback commit`: the end of a full rollback.
enum RollbackCommitCommand {
  static let unverified = Option.flag(
    "unverified", help: "Commit although the rollback is not verified.")
  static let keep = Option.flag(
    "keep", help: "Keep the previous database as an ordinary database.")

  static let page = CommandPage(
    words: ["rollback", "commit"], group: .undo,
    summary: "End a full rollback: drop the previous database.",
    discussion: [
      "migrate rollback --full keeps the previous database under another name. This "
        + "command drops it, after migrate rollback verify or with --unverified. This cannot "
        + "be undone. Then migrate run may start again."
    ],
    options: [unverified.spec, keep.spec, SharedOptions.yes.spec],
    examples: [("migrate rollback commit", "asks for the name of the target")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    let keeps = invocation[keep]
    let state = try FullRollbackEnding(setup.rollback()).commit(
      unverified: invocation[unverified], keeps: keeps
    ) { state in
      guard !keeps else { return }
      try invocation.confirm(
        "This permanently drops the previous database \(state.aside).", word: state.target,
        yes: invocation[SharedOptions.yes])
    }
    if setup.console.isJSON {
      setup.console.result(["rollback": state.json, "kept": .bool(keeps)])
    } else {
      setup.console.result(
        keeps
          ? "kept \(state.aside) as an ordinary database"
          : "dropped \(state.aside); the rollback to \(state.backup) is committed")
      setup.console.result(state.next)
    }
    return .done
  }
}

/// `migrate rollback undo`: undoes a full rollback.
enum RollbackUndoCommand {
  static let page = CommandPage(
    words: ["rollback", "undo"], group: .undo,
    summary: "Undo a full rollback: the previous database becomes the target again.",
    discussion: [
      "Before the swap of names, drops the restored database; nothing else has changed. "
        + "After it, gives the previous database its name and settings back, and drops the "
        + "restored one with everything written to it since. Not possible after migrate "
        + "rollback commit."
    ],
    options: [RollbackCommand.disconnect.spec, SharedOptions.yes.spec],
    examples: [("migrate rollback undo", "the target as it was before rollback --full")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    let state = try FullRollbackEnding(setup.rollback()).undo { state in
      try invocation.confirm(
        "This drops the database restored from \(state.backup), with everything written to it since.",
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
