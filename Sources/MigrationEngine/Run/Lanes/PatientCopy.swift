import MigrationBasics
import Postgres

/// Copies rows into a table without constraints, and omits those that the server refuses.
///
/// Such a table refuses a row for what it is, whatever rows are there already: a text that its type
/// does not read, a character that the server's encoding does not have. So what passed once stays,
/// and only what follows is tried again. A run of rows that is refused is cut before the line that
/// the server names, or in the middle; each that passes makes the next one twice as long.
package struct PatientCopy {
  package let target: Connection
  /// Sends a run of rows, and returns how many the server took.
  package let send: (Range<Int>) throws(PostgresError) -> Int

  package init(target: Connection, send: @escaping (Range<Int>) throws(PostgresError) -> Int) {
    self.target = target
    self.send = send
  }

  /// Sends a number of rows, and returns why the server refuses some of them.
  package func run(_ count: Int) throws -> [Int: ServerRefusal] {
    var refused: [Int: ServerRefusal] = [:]
    var (next, length) = (0, count)
    while next < count {
      let range = next..<min(next + length, count)
      guard let refusal = try attempt(range) else {
        (next, length) = (range.upperBound, 2 * length)
        continue
      }
      if range.count == 1 {
        refused[next] = ServerRefusal(refusal)
        next += 1
      } else {
        length = Self.length(of: range, before: refusal.copyLine)
      }
    }
    return refused
  }

  private static func length(of range: Range<Int>, before line: Int?) -> Int {
    guard let line, (1...range.count).contains(line) else { return range.count / 2 }
    return max(1, line - 1)
  }

  /// Returns why a run of rows is refused, nil if it is in place now.
  private func attempt(_ range: Range<Int>) throws -> PostgresError? {
    let isOpen = try target.transactionState() == .inTransaction
    if isOpen { try target.execute("SAVEPOINT migrate_copy") }
    do {
      guard try send(range) == range.count else {
        throw MigrationError(.coded(.corruption), "the server did not accept all rows to compare")
      }
      if isOpen { try target.execute("RELEASE SAVEPOINT migrate_copy") }
      return nil
    } catch let error as PostgresError where error.isRefusalOfRow {
      if isOpen {
        try target.execute("ROLLBACK TO SAVEPOINT migrate_copy; RELEASE SAVEPOINT migrate_copy")
      }
      return error
    }
  }
}

extension PostgresError {
  /// Whether the server refuses rows for what is in them.
  ///
  /// A type that is read by looking up the object of that name fails with the code of a statement
  /// that names none.
  var isRefusalOfRow: Bool {
    guard kind == .server else { return false }
    if nature == .rowFault { return true }
    // A trigger that fails fires before the COPY, whose row is not to blame.
    return copyLine != nil && context?.hasPrefix("COPY ") == true
      && sqlState?.subject == .definition
  }

  /// The column of the row that COPY stopped at: the word before the colon in
  /// `COPY customers, line 12, column email: "…"`.
  package var copiedColumn: String? {
    guard operation == .copyIn, let parts = context?.split(separator: ",", maxSplits: 2),
      parts.count == 3, let name = parts[2].split(separator: ":").first
    else { return nil }
    return name.split(separator: " ").last.map(String.init)
  }

  /// The number behind the table's name in `COPY customers, line 12`, in any language.
  ///
  /// It is only a hint: what it points to is tried, so that a wrong one costs time and nothing else.
  var copyLine: Int? {
    guard operation == .copyIn, let context else { return nil }
    for part in context.split(separator: ",").dropFirst() {
      let words = part.split { !$0.isWholeNumber || !$0.isASCII }
      if let number = words.first.flatMap({ Int($0) }) { return number }
    }
    return nil
  }
}
