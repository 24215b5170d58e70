import MigrationBasics

extension SchemaFault {
  /// What happened, in one sentence.
  package var what: String {
    switch self {
    case .folderUnreadable: "could not read the folder of schema files"
    case .unreadable: "could not read the schema file"
    case .notUTF8: "the schema file is not UTF-8 text"
    case .badFileName: "the file's name is not NNN_name.up.sql or NNN_name.down.sql"
    case .badName(let name): "\"\(name)\" cannot be part of a file name"
    case .empty: "the file has no statement"
    case .sameNumber: "two schema files have the same number"
    case .gap(_, let missing, let before): "number \(missing) is missing before \(before)"
    case .downWithoutUp: "the .down.sql file has no .up.sql file of the same name"
    case .controlsTransaction: "the file starts or ends a transaction"
    case .cannotWrite: "could not write the file, or it already exists"
    case .changed(_, let applied, let found):
      "the file was changed after it was applied: SHA-256 was \(applied), is \(found)"
    case .missing(let number, let name, _):
      "schema file \(number) (\(name)) was applied, but does not exist"
    case .renumbered(_, let applied):
      "a schema file with this number was applied under the name \(applied)"
    case .outOfOrder(_, let newest): "the file was never applied, but number \(newest) was"
    case .noDownFile: "the schema file has no .down.sql file and cannot be rolled back"
    case .nothingToRollBack: "nothing to roll back: no schema file is applied"
    case .locked(let holder): "another process is changing the schema" + Self.tell(holder)
    case .statementFailed(_, _, let kept, let cause):
      cause.description
        + (kept > 0 ? "; \(CountText.of(kept, "earlier statement")) took effect and stay" : "")
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
    case .empty: "write its statements, or remove both files of the pair"
    case .sameNumber: "give the later one the next free number"
    case .gap: "restore the file, or renumber later files if they were not applied anywhere"
    case .downWithoutUp: "rename it like the .up.sql file that it belongs to"
    case .controlsTransaction:
      "remove it: each file runs in a transaction; a file that cannot run in one starts with \""
        + SchemaFile.withoutTransactionMark + "\""
    case .cannotWrite: "check the folder's rights, or choose another name"
    case .changed:
      "restore the applied file, and put the change into a new one (db generate)"
    case .missing: "restore the file, for instance from version control"
    case .renumbered: "give the new file the next free number"
    case .outOfOrder:
      "give it the next free number, so that every database applies it in the same order"
    case .noDownFile: "write the file, or restore a backup"
    case .nothingToRollBack: nil
    case .locked: "wait until it ends; if its process is dead, end its session in the database"
    case .statementFailed(_, _, let kept, _):
      kept > 0
        ? "change the file so that it can run again from its first line (IF NOT EXISTS), then repeat the command"
        : "nothing of this file took effect: fix it and repeat the command"
    case .outsideSchema: "write names without a schema: the setting names the schema"
    }
  }

  private static func tell(_ holder: SchemaLockHolder?) -> String {
    guard let holder else { return "" }
    let host = holder.host.map { " from \($0)" } ?? ""
    let since = holder.since.map { ", connected since \($0)" } ?? ""
    return ": \(holder.application)\(host), server process \(holder.pid)\(since)"
  }
}
