extension SchemaFault {
  /// What happened, in one sentence.
  package var what: String {
    switch self {
    case .folderUnreadable: "the folder of schema files can't be read"
    case .unreadable: "the schema file can't be read"
    case .notUTF8: "the schema file is not UTF-8 text"
    case .badFileName: "the file's name is not NNN_name.up.sql or NNN_name.down.sql"
    case .badName(let name): "\"\(name)\" can't be part of a file name"
    case .empty: "the file holds no statement"
    case .sameNumber: "two schema files have the same number"
    case .gap(_, let missing, let before): "number \(missing) is missing before \(before)"
    case .downWithoutUp: "the .down.sql file has no .up.sql file of the same name"
    case .controlsTransaction: "the file begins or ends a transaction itself"
    case .cannotWrite: "the file can't be written, or is there already"
    case .changed(_, let applied, let found):
      "the file was changed after it had been applied: SHA-256 was \(applied), is \(found)"
    case .missing(let number, let name, _):
      "migration \(number) (\(name)) was applied, but its file is gone"
    case .renumbered(_, let applied):
      "a migration of that number was applied under the name \(applied)"
    case .outOfOrder(_, let newest): "the file was never applied, but number \(newest) was"
    case .noDownFile: "the migration has no .down.sql file, so it can't be rolled back"
    case .nothingToRollBack: "no migration is applied, so there is nothing to roll back"
    case .locked(let holder): "another process is changing the schema" + Self.tell(holder)
    case .statementFailed(_, _, let kept, let cause):
      cause.description + (kept > 0 ? "; \(kept) statements before it took effect and stay" : "")
    case .outsideSchema(let objects, _):
      "the files change objects of other schemas: " + objects.joined(separator: ", ")
    }
  }

  /// What to do about it.
  package var remedy: String? {
    switch self {
    case .folderUnreadable, .unreadable: "check the path and the rights of the file"
    case .notUTF8: "save it as UTF-8"
    case .badFileName: "rename it, for instance to 007_name.up.sql, or move it out of the folder"
    case .badName: "use small letters, digits and underscores, at most 60 of them"
    case .empty: "write what it should do, or remove both files of the pair"
    case .sameNumber: "give the later one the next free number"
    case .gap: "bring the file back, or renumber those after it if they were not applied anywhere"
    case .downWithoutUp: "rename it like the .up.sql file that it belongs to"
    case .controlsTransaction:
      "take it out: each file is a transaction already; a file that can't run in one begins with \""
        + SchemaFile.withoutTransactionMark + "\""
    case .cannotWrite: "check the folder's rights, or choose another name"
    case .changed:
      "restore the file as it was applied, and put the change into a new one (db generate)"
    case .missing: "bring the file back, for instance from version control"
    case .renumbered: "give the new file the next free number"
    case .outOfOrder:
      "give it the next free number, so that every database gets it at the same place"
    case .noDownFile: "write the file, or restore a backup"
    case .nothingToRollBack: nil
    case .locked: "wait until it is done; if its process is dead, end its session in the database"
    case .statementFailed(_, _, let kept, _):
      kept > 0
        ? "mend the file so that it can be run again from its first line (IF NOT EXISTS), then run the same command"
        : "nothing of this file took effect: mend it and run the same command again"
    case .outsideSchema: "write names without a schema: the setting says which schema they go to"
    }
  }

  private static func tell(_ holder: SchemaLockHolder?) -> String {
    guard let holder else { return "" }
    let host = holder.host.map { " from \($0)" } ?? ""
    let since = holder.since.map { ", connected since \($0)" } ?? ""
    return ": \(holder.application)\(host), server process \(holder.pid)\(since)"
  }
}
