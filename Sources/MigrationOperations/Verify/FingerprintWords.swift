import MigrationBasics
import MigrationPlan

/// What the sums of a table's rows say, in the words of a report.
struct FingerprintWords {
  let table: TablePlan
  let judgement: FingerprintJudgement

  var rewritten: ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "\(CountText.of(judgement.tally.others.rows, "row")) of \(table.name) rewritten since the load, with equal values",
      count: judgement.tally.others.rows,
      remedy: "nothing; a restored backup or ALTER TABLE causes this")
  }

  static let forgotten =
    "the ledger was restored from a backup or a dump and does not know which transactions wrote rows"

  /// Says that rows do not add up, or not for sure, and that the rows cannot be identified.
  func untold(_ why: String) -> ValidationFinding {
    ValidationFinding(
      .critical, .data, table: table.name,
      "cannot identify the rows of \(table.name) by their transactions: \(why)",
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
          "\(CountText.of(judgement.before - judgement.tally.others.rows, "row")) of \(table.name) from before "
            + "the migration deleted or changed",
          count: judgement.before - judgement.tally.others.rows,
          remedy: "find out who changed them; the migration did not"))
    }
    return found
  }

  private var different: ValidationFinding {
    ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(judgement.differing.count) of \(CountText.of(judgement.book.groups.count, "chunk")) of \(table.name) corrupted",
      count: judgement.rowsThatDiffer, examples: judgement.differing.prefix(5).map(Self.words),
      remedy: "the rows were changed since, or by a trigger; see the fields that differ, or: "
        + "migrate validate --samples all --table \(table.command)")
  }

  /// Says which rows a group has, and their outcome.
  private static func words(_ part: (group: ExpectedFingerprints.Group, found: FingerprintSum))
    -> String
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
      ? "changed values among \(CountText.of(expected, "row"))"
      : found < expected
        ? "\(GroupedNumber.text(expected - found)) of \(CountText.of(expected, "row")) deleted or changed"
        : "\(CountText.of(found, "row")) instead of \(GroupedNumber.text(expected))"
    return "\(name): \(what)"
  }

  private func strange(_ examples: [String]) -> ValidationFinding {
    ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(CountText.of(judgement.strangers, "row")) of \(table.name) changed or inserted by others since",
      count: judgement.strangers, examples: examples,
      remedy: "find out who wrote them; the migration did not")
  }

  /// Says that some columns are not part of the fingerprint although the plan fills them.
  func partial(_ columns: [String]) -> ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name, column: columns.first,
      "the fingerprints do not cover \(columns.joined(separator: ", ")) of \(table.name): only the server "
        + "reads these types", count: columns.count,
      remedy: "compare them with their source: migrate validate --samples all")
  }

  func unreachable(_ error: any Error) -> ValidationFinding {
    ValidationFinding(
      .warning, .connection, table: table.name,
      "cannot find the differing rows and columns of \(table.name) without the source: \(error)",
      remedy: "start the source and validate again")
  }

  func onlySome(_ compared: Int, of all: Int) -> ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "only \(compared) of \(CountText.of(all, "corrupted chunk")) of \(table.name) compared with their source",
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
