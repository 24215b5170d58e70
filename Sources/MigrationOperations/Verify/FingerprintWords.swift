import MigrationBasics
import MigrationPlan

/// What the sums of a table's rows say, in the words of a report.
struct FingerprintWords {
  let table: TablePlan
  let judgement: FingerprintJudgement

  var rewritten: ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "\(judgement.tally.others.rows) rows of \(table.name) were written anew since, and are the same",
      count: judgement.tally.others.rows,
      remedy: "nothing; a restored backup or a changed definition of the table does that")
  }

  static let forgotten =
    "the ledger came back with a backup or a dump, and has forgotten which transactions wrote rows"

  /// Says that rows do not add up, or not for sure, and that the rows cannot be identified.
  func untold(_ why: String) -> ValidationFinding {
    ValidationFinding(
      .critical, .data, table: table.name,
      "whether the rows of \(table.name) are as they were sent can't be told by their transactions: \(why)",
      remedy: "compare every record with its source: migrate validate --samples all --table "
        + table.command)
  }

  func findings(strangers examples: [String]) -> [ValidationFinding] {
    var found: [ValidationFinding] = []
    if !judgement.differing.isEmpty { found.append(different) }
    if judgement.strangers > 0 { found.append(strange(examples)) }
    if judgement.tally.others.rows < judgement.before {
      found.append(
        ValidationFinding(
          .high, .corruption, table: table.name,
          "\(judgement.before - judgement.tally.others.rows) rows of \(table.name) are gone or changed that were there "
            + "before the migration", count: judgement.before - judgement.tally.others.rows,
          remedy: "find out who changed them; the migration did not"))
    }
    return found
  }

  private var different: ValidationFinding {
    ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(judgement.differing.count) of \(judgement.book.groups.count) chunks of \(table.name) are not as they were sent",
      count: judgement.rowsThatDiffer, examples: judgement.differing.prefix(5).map(Self.words),
      remedy: "the rows were changed since, or by a trigger; see the fields that differ, or: "
        + "migrate validate --samples all --table \(table.command)")
  }

  /// Says which rows a group has, and their outcome.
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
      "\(judgement.strangers) rows of \(table.name) were changed or inserted by others since",
      count: judgement.strangers, examples: examples,
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
      "table": .text(table.name), "rows": .int(judgement.tally.all.rows),
      "before": .int(judgement.before),
      "transactions": .int(judgement.book.groups.count),
      "different": .int(judgement.differing.count),
      "byOthers": .int(judgement.tally.others.rows),
      "outside": .array(outside.map(JSONValue.text)),
    ]
  }
}
