/// What the sums of a table's rows say.
struct FingerprintJudgement {
  let table: TablePlan
  let book: FingerprintBook
  let tally: FingerprintTally
  /// Rows that were there before the migration; of them only the number is known.
  let before: Int

  /// The groups of rows that are not as they were sent.
  private var differing: [(group: FingerprintBook.Group, found: FingerprintSum)] {
    zip(book.groups, tally.groups).filter { $0.expected != $1 }.map { (group: $0, found: $1) }
  }

  var differingChunks: [Int] { differing.flatMap(\.group.entries).compactMap(\.chunk) }

  /// Rows that the migration did not write, beyond those that were there before.
  var strangers: Int { max(0, tally.others.rows - before) }

  /// Whether all rows are as they were sent, and only bear the ids of other transactions.
  ///
  /// A change of the table's definition writes its rows anew, and so does a restored backup.
  var isRewritten: Bool {
    guard book.hasOneList, before == 0, tally.others.rows > 0 else { return false }
    let expected = book.groups.reduce(into: FingerprintSum()) { $0 += $1.expected ?? .init() }
    return tally.all == expected
  }

  var rewritten: ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "\(tally.others.rows) rows of \(table.name) were written anew since, and are the same",
      count: tally.others.rows,
      remedy: "nothing; a restored backup or a changed definition of the table does that")
  }

  func findings(strangers examples: [String]) -> [ValidationFinding] {
    var found: [ValidationFinding] = []
    if !differing.isEmpty { found.append(different) }
    if strangers > 0 { found.append(strange(examples)) }
    if tally.others.rows < before {
      found.append(
        ValidationFinding(
          .high, .corruption, table: table.name,
          "\(before - tally.others.rows) rows of \(table.name) are gone or changed that were there "
            + "before the migration", count: before - tally.others.rows,
          remedy: "find out who changed them; the migration did not"))
    }
    return found
  }

  private var different: ValidationFinding {
    let rows = differing.reduce(0) { sum, part in
      // Where no row is gone, at least one is another than was sent.
      sum + max(1, abs((part.group.expected?.rows ?? 0) - part.found.rows))
    }
    return ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(differing.count) of \(book.groups.count) chunks of \(table.name) are not as they were sent",
      count: rows, examples: differing.prefix(5).map(Self.words),
      remedy: "the rows were changed since, or by a trigger; see the fields that differ, or: "
        + "migrate validate --samples all --table \(table.command)")
  }

  /// Says which rows a group has, and what became of them.
  private static func words(_ part: (group: FingerprintBook.Group, found: FingerprintSum)) -> String
  {
    let chunks = part.group.entries.compactMap(\.chunk)
    let name =
      chunks.count > 1
      ? "chunks \(chunks[0]) to \(chunks[chunks.count - 1])"
      : chunks.first.map { "chunk \($0)" }
        ?? "transaction \(part.group.entries[0].xid) (\(part.group.entries[0].kind ?? ""))"
    let (expected, found) = (part.group.expected?.rows ?? 0, part.found.rows)
    let what =
      found == expected
      ? "the values of some of \(expected) rows"
      : "\(abs(expected - found)) of \(expected) rows \(found < expected ? "gone or changed" : "more")"
    return "\(name): \(what)"
  }

  private func strange(_ examples: [String]) -> ValidationFinding {
    ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(strangers) rows of \(table.name) were changed or inserted by others since",
      count: strangers, examples: examples,
      remedy: "find out who wrote them; the migration did not")
  }

  /// Says that some columns are not part of the fingerprint although the plan fills them.
  func partial(_ columns: [String]) -> ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name, column: columns.first,
      "\(columns.joined(separator: ", ")) of \(table.name) have types that only the server reads, and "
        + "are not in the fingerprints", count: columns.count,
      remedy: "compare them with their source: migrate validate --samples all")
  }

  func unreachable(_ error: any Error) -> ValidationFinding {
    ValidationFinding(
      .warning, .connection, table: table.name,
      "which rows and columns of \(table.name) differ is not known without the source: \(error)",
      remedy: "bring it up and validate again")
  }

  func onlySome(_ compared: Int, of all: Int) -> ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "only \(compared) of the \(all) chunks of \(table.name) that differ were compared with their source",
      remedy: "compare all: migrate validate --samples all --table \(table.command)")
  }

  /// The table's line in the report.
  ///
  /// - Parameter outside: columns that are no part of the fingerprints.
  func line(outside: [String]) -> JSONValue {
    [
      "table": .text(table.name), "rows": .int(tally.all.rows), "before": .int(before),
      "transactions": .int(book.groups.count), "different": .int(differing.count),
      "byOthers": .int(tally.others.rows),
      "outside": .array(outside.map(JSONValue.text)),
    ]
  }
}
