import FoundationEssentials
import MigrationBasics

/// A numbered change of a schema: the file that makes it, and the file that takes it back.
package struct SchemaMigration: Sendable, Hashable {
  package let number: Int
  /// What the file names say between number and ending.
  package let name: String
  package let up: SchemaFile
  /// Nil if there is no such file: the change can't be rolled back.
  package let down: SchemaFile?
}

/// An SQL file of a schema, read whole.
package struct SchemaFile: Sendable, Hashable {
  package let path: String
  /// SHA-256 of the bytes, in hexadecimal.
  package let checksum: String
  package let statements: [SQLStatement]
  /// Whether its statements run each for itself, as `CREATE INDEX CONCURRENTLY` needs it.
  package let runsWithoutTransaction: Bool

  /// The line that asks for that; it may be anywhere in the comments before the first statement.
  package static let withoutTransactionMark = "-- migrate: no-transaction"

  package init(path: String) throws {
    guard let bytes = try? InputFile.read(path) else {
      throw SchemaFault.unreadable(path: path)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SchemaFault.notUTF8(path: path)
    }
    self.path = path
    checksum = SHA256.hexadecimal(of: bytes)
    statements = SQLSplitter.split(text)
    let head = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix((statements.first?.line ?? 1) - 1)
    runsWithoutTransaction = head.contains { line in
      line.hasPrefix(Self.withoutTransactionMark)
    }
    if !runsWithoutTransaction, let control = statements.first(where: \.controlsTransaction) {
      throw SchemaFault.controlsTransaction(path: path, line: control.line)
    }
  }
}

/// The numbered files of a plan's schema: `001_customers.up.sql`, `001_customers.down.sql`, …
package struct SchemaFolder: Sendable {
  package let path: String
  /// The migrations by number, without gaps from the first on.
  package let migrations: [SchemaMigration]

  /// Reads all files; those with other names than `NNN_name.up.sql` and `.down.sql` are not allowed.
  package init(path: String) throws {
    self.path = path
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw SchemaFault.folderUnreadable(path: path)
    }
    let parts = try names.filter { $0.hasSuffix(".sql") }.sorted().map { name in
      guard let parts = FileName(name) else {
        throw SchemaFault.badFileName(path: path + "/" + name)
      }
      return parts
    }
    migrations = try Self.pair(parts, in: path)
  }

  private static func pair(_ files: [FileName], in folder: String) throws -> [SchemaMigration] {
    let ups = files.filter(\.isUp).sorted { $0.number < $1.number }
    let downs = files.filter { !$0.isUp }
    for (earlier, later) in zip(ups, ups.dropFirst()) {
      guard earlier.number < later.number else {
        throw SchemaFault.sameNumber(files: [earlier.name, later.name].map { folder + "/" + $0 })
      }
      guard earlier.number + 1 == later.number else {
        throw SchemaFault.gap(
          folder: folder, missing: earlier.number + 1, before: later.name)
      }
    }
    if let alone = downs.first(where: { down in !ups.contains { $0.stem == down.stem } }) {
      throw SchemaFault.downWithoutUp(path: folder + "/" + alone.name)
    }
    return try ups.map { up in
      SchemaMigration(
        number: up.number, name: up.title, up: try SchemaFile(path: folder + "/" + up.name),
        down: try downs.first { $0.stem == up.stem }.map {
          try SchemaFile(path: folder + "/" + $0.name)
        })
    }
  }
}

/// The parts of a file's name.
private struct FileName {
  let name: String
  let stem: String
  let number: Int
  let title: String
  let isUp: Bool

  init?(_ name: String) {
    let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count == 3, ["up", "down"].contains(pieces[1]) else { return nil }
    let digits = pieces[0].prefix { ("0"..."9").contains($0) }
    let title = pieces[0].dropFirst(digits.count)
    guard let number = Int(digits), number > 0, title.first == "_", title.count > 1 else {
      return nil
    }
    (self.name, stem, self.number) = (name, String(pieces[0]), number)
    (self.title, isUp) = (String(title.dropFirst()), pieces[1] == "up")
  }
}
