import MigrationBasics

/// Something that is wrong with a backup.
package struct BackupFinding: Sendable, Hashable {
  package enum Code: String, Sendable, CaseIterable {
    /// The manifest is of another backup, was changed, or can't be read.
    case manifest
    case missing
    /// A file that the manifest does not know.
    case extra
    /// A file is shorter than it was.
    case truncated
    /// A file is longer than it was.
    case grown
    case checksum
    /// pg_restore, or the reader of dumps, can't read it.
    case archive
    /// SQL of others holds what is not run: a command for psql, the end of the transaction, COPY from a program.
    case commands
    /// It could not be restored.
    case restore
    /// What came back is not what the manifest says.
    case contents
    case schema
  }

  package let code: Code
  package let what: String
  /// The file, below the backup's folder.
  package let file: String?

  init(_ code: Code, _ what: String, file: String? = nil) {
    (self.code, self.what, self.file) = (code, what, file)
  }

  package var json: JSONValue {
    ["code": .text(code.rawValue), "what": .text(what), "file": .optional(file)]
  }
}
