import Glibc
import MigrationBasics
import Synchronization

/// The file `migration-errors.log`: a line of JSON for each quarantined row, for `tail` and `grep`.
///
/// It is written from the ledger, after commits, and only for people: the ledger has the same rows
/// and decides. Each line begins with what is the same for all rows of a pattern, so that
/// `grep "Error:" migration-errors.log | sort` groups patterns, and
/// `jq -r .error migration-errors.log | sort | uniq -c` counts them. It holds source data, so that
/// only its owner may read it.
package final class ErrorLog: Sendable {
  package static let defaultName = "migration-errors.log"

  package let path: String
  package let session: SessionID
  /// The identity of the ledger that the lines come from.
  package let ledger: String
  private let writing = Mutex(())

  package init(_ path: String = ErrorLog.defaultName, session: SessionID, from ledger: Ledger)
    throws
  {
    self.path = path
    self.session = session
    self.ledger = try ledger.identity()
  }

  /// Adds the rows that a committed chunk quarantined. Threads may call it at once.
  package func append(_ entries: [QuarantineEntry]) throws {
    guard !entries.isEmpty else { return }
    let text = entries.map { line($0) + "\n" }.joined()
    try writing.withLock { _ in try add(Array(text.utf8)) }
  }

  /// Adds the rows of a table that the ledger has after a number, after the commit that loaded them.
  ///
  /// - Parameter tell: Is given the rows that were added.
  package func append(
    from ledger: Ledger, table: String, after last: Int,
    tell: ([QuarantineEntry]) -> Void = { _ in }
  ) throws {
    var filter = QuarantineFilter(table: table)
    filter.after = last
    try ledger.eachQuarantined(session: session, filter) { rows in
      try append(rows)
      tell(rows)
    }
  }

  /// Writes the file again from the ledger, as a run does when it begins.
  ///
  /// That repairs what a crash omitted or cut off. Lines of an earlier session go to a file with a number. The file
  /// stays the same one, so that `tail -f` continues, and is there also while it has no line.
  package func rewrite(from ledger: Ledger) throws {
    try writing.withLock { _ in
      try keepOthersLines()
      var file = try MendedFile(path)
      defer { file.close() }
      try ledger.eachQuarantined(session: session) { rows in
        for entry in rows { try file.add(Array((line(entry) + "\n").utf8)) }
      }
      try file.end()
    }
  }

  /// Returns the line of a row, without the newline.
  package func line(_ entry: QuarantineEntry) -> String {
    let row = entry.row
    let column = row.column.map { "." + $0 } ?? ""
    let kind = row.code.kindOfError
    let pattern =
      "Error: \(kind) (\(row.code.rawValue)) \(entry.table)\(column): \(row.reason)"
    let value: JSONValue = [
      "error": .text(pattern), "kind": .text(kind.lowercased()), "session": .id(session),
      "ledger": .text(ledger),
      "code": .text(row.code.rawValue), "table": .text(entry.table),
      "column": .optional(row.column), "reason": .text(row.reason), "hint": .optional(row.hint),
      "key": row.key, "value": .optional(row.value), "winner": row.winner ?? .null,
      "feed": .int(entry.feed), "chunk": .int(entry.chunk), "id": .int(entry.id),
      "at": .text(entry.added.description), "row": row.row,
    ]
    return value.compact
  }

  private func add(_ bytes: [UInt8]) throws(MigrationError) {
    let descriptor = try AtomicFile.openToAppend(path)
    defer { close(descriptor) }
    try AtomicFile.writeAll(bytes, to: descriptor, path)
  }

  /// Moves a file with lines of another session, or of no session at all, out of the way.
  private func keepOthersLines() throws(MigrationError) {
    guard let first = try firstLine() else { return }
    let line = try? JSONValue.parse(first)
    if line?["session"] == .id(session), line?["ledger"] == .text(ledger) { return }
    var number = 1
    while access("\(path).\(number)", F_OK) == 0 { number += 1 }
    guard rename(path, "\(path).\(number)") == 0 else {
      throw AtomicFile.problem("rename the file", path)
    }
  }

  /// Returns the first line; nil if there is no file or nothing in it.
  private func firstLine() throws(MigrationError) -> String? {
    guard let descriptor = try AtomicFile.openToRead(path) else { return nil }
    defer { close(descriptor) }
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while !line.contains(UInt8(ascii: "\n")) {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw AtomicFile.problem("read the file", path) }
      if count == 0 { break }
      line.append(contentsOf: buffer[..<count])
    }
    let first = line.prefix { $0 != UInt8(ascii: "\n") }
    return line.isEmpty ? nil : String(decoding: first, as: UTF8.self)
  }
}

extension ErrorCode {
  /// What runbooks look for in the log of errors.
  package var kindOfError: String {
    switch self {
    case .data: "Transformation error"
    case .foreignKey: "Foreign key constraint violation"
    case .duplicate: "Duplicate key"
    case .schema: "Schema error"
    default: "Row rejected"
    }
  }
}
