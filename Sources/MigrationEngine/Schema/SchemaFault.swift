import MigrationBasics
import Postgres

/// What can be wrong with schema files, or with applying them.
package enum SchemaFault: Error, Sendable {
  // Files
  case folderUnreadable(path: String)
  case unreadable(path: String)
  case notUTF8(path: String)
  case badFileName(path: String)
  case badName(String)
  /// An .up.sql file without a statement, such as a template that was not filled.
  case empty(path: String)
  case sameNumber(files: [String])
  case gap(folder: String, missing: Int, before: String)
  case downWithoutUp(path: String)
  case controlsTransaction(path: String, line: Int)
  case cannotWrite(path: String)

  // Files against what was applied
  case changed(path: String, applied: String, found: String)
  /// A file was applied once and is no longer there.
  case missing(number: Int, name: String, folder: String)
  /// A file carries the number of another one that was applied.
  case renumbered(path: String, applied: String)
  /// A file was not applied, but a later one was.
  case outOfOrder(path: String, newest: Int)
  case noDownFile(path: String)
  case nothingToRollBack

  // The database
  case locked(by: SchemaLockHolder?)
  /// A statement failed; `kept` statements before it took effect and stay.
  case statementFailed(path: String, line: Int, kept: Int, cause: PostgresError)
  /// A file changed objects of another schema than the one it was run for.
  case outsideSchema(objects: [String], folder: String)
}

/// Who holds the lock that applies one migration at a time.
package struct SchemaLockHolder: Sendable, Hashable {
  package let pid: Int
  package let application: String
  package let host: String?
  /// Since when the session is connected, as the server writes it.
  package let since: String?
}

extension SchemaFault {
  /// The fault as a failure that ends a command, in three parts.
  package var migrationError: MigrationError {
    MigrationError(.coded(code), what, place: place, remedy: remedy)
  }

  private var code: ErrorCode {
    guard case .statementFailed(_, _, _, let cause) = self else { return .schema }
    return cause.connectionLost ? .connection : .schema
  }

  private var place: String? {
    switch self {
    case .folderUnreadable(let path), .unreadable(let path), .notUTF8(let path),
      .badFileName(let path), .empty(let path), .downWithoutUp(let path), .cannotWrite(let path),
      .changed(let path, _, _), .renumbered(let path, _), .outOfOrder(let path, _),
      .noDownFile(let path):
      path
    case .controlsTransaction(let path, let line), .statementFailed(let path, let line, _, _):
      "\(path):\(line)"
    case .sameNumber(let files): files.joined(separator: ", ")
    case .gap(let folder, _, _), .missing(_, _, let folder), .outsideSchema(_, let folder): folder
    case .badName, .nothingToRollBack, .locked: nil
    }
  }
}
