import MigrationBasics
import MigrationPlan
import Postgres

/// Holds a receipt against the live target: what of it has changed since.
///
/// All that it needs is in the receipt. Neither the source nor the ledger has to be there.
package struct ReceiptVerification {
  /// The state of one table's rows.
  package struct Table: Sendable {
    package let name: String
    /// Rows that the migration loaded, and how many of them are as they were.
    package let rows: Int
    package let unchanged: Int
    /// Rows that are gone, or were changed.
    package let goneOrChanged: Int
    /// Rows that others wrote since: new ones, and the new forms of those that were changed.
    package let byOthers: Int
    /// The chunks that are not as they were.
    package let chunks: [Int]
    /// Why it could not be checked; nil if it could.
    package let problem: String?

    package init(
      name: String, rows: Int, unchanged: Int, goneOrChanged: Int, byOthers: Int, chunks: [Int],
      problem: String?
    ) {
      self.name = name
      self.rows = rows
      self.unchanged = unchanged
      self.goneOrChanged = goneOrChanged
      self.byOthers = byOthers
      self.chunks = chunks
      self.problem = problem
    }

    package var isSame: Bool {
      problem == nil && goneOrChanged == 0 && byOthers == 0 && chunks.isEmpty
    }
  }

  private let receipt: Receipt
  private let target: Connection

  package init(_ receipt: Receipt, _ target: Connection) {
    (self.receipt, self.target) = (receipt, target)
  }

  package func run() throws -> [Table] {
    guard case .text(let schema)? = receipt["migration"]?["schema"],
      let fingerprints = receipt["fingerprints"], case .text(let digits)? = fingerprints["key"],
      let key = Fingerprint.bytes(digits), case .array(let tables)? = fingerprints["tables"]
    else {
      throw MigrationError(.configuration, "the receipt has no fingerprints")
    }
    _ = try target.exportSnapshot()
    defer { try? target.rollback() }
    let hash = FingerprintKey(key)
    return try tables.map { try verify($0, schema, hash) }
  }

  private func verify(_ table: JSONValue, _ schema: String, _ key: FingerprintKey) throws -> Table {
    guard case .text(let name)? = table["table"], case .int(let before)? = table["before"],
      let book = table["book"].flatMap({ ExpectedFingerprints($0) })
    else { throw MigrationError(.configuration, "a table of the receipt has an unknown form") }
    let expected = book.groups.reduce(0) { $0 + ($1.expected?.rows ?? 0) }
    let live = try CatalogReader(target).table(schema: schema, named: name)
    let gone = live.map { live in book.columns.map(\.name).filter { live[$0] == nil } } ?? []
    guard live != nil, gone.isEmpty, !book.isEmpty else {
      return Table(
        name: name, rows: expected, unchanged: 0, goneOrChanged: expected, byOthers: 0, chunks: [],
        problem: live == nil
          ? "there is no such table" : "it has no column \(gone.joined(separator: ", "))")
    }
    let tally = try FingerprintReading(
      book: book, key: key, table: SQL.identifier(schema: schema, name)
    ).run(target)
    let judgement = FingerprintJudgement(book: book, tally: tally, before: before)
    if judgement.isRewritten {
      return Table(
        name: name, rows: expected, unchanged: expected, goneOrChanged: 0, byOthers: 0, chunks: [],
        problem: nil)
    }
    let changed = judgement.rowsThatDiffer
    return Table(
      name: name, rows: expected, unchanged: expected - changed, goneOrChanged: changed,
      byOthers: judgement.strangers, chunks: judgement.differingChunks, problem: nil)
  }
}
