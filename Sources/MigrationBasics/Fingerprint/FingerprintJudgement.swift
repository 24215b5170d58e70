/// What the sums of a table's rows say.
package struct FingerprintJudgement {
  package let book: ExpectedFingerprints
  package let tally: MeasuredFingerprints
  /// Rows that were there before the migration; of them only the number is known.
  package let before: Int

  package init(book: ExpectedFingerprints, tally: MeasuredFingerprints, before: Int) {
    (self.book, self.tally, self.before) = (book, tally.settled(book), before)
  }

  /// The groups of rows that are not as they were sent.
  package var differing: [(group: ExpectedFingerprints.Group, found: FingerprintSum)] {
    zip(book.groups, tally.groups).filter { $0.expected != $1 }.map { (group: $0, found: $1) }
  }

  package var differingChunks: [Int] { differing.flatMap(\.group.entries).compactMap(\.chunk) }

  /// Rows that the migration did not write, beyond those that were there before.
  package var strangers: Int { max(0, tally.others.rows - before) }

  /// Whether all rows are as they were sent, and only bear the ids of other transactions.
  ///
  /// A change of the table's definition writes its rows again, and so does a restored backup.
  package var isRewritten: Bool {
    guard book.hasOneList, before == 0, tally.others.rows > 0 else { return false }
    let expected = book.groups.reduce(into: FingerprintSum()) { $0 += $1.expected ?? .init() }
    return tally.all == expected
  }

  /// The least number of missing or changed rows: if none is missing, at least one is changed.
  package var rowsThatDiffer: Int {
    differing.reduce(0) { sum, part in
      sum + max(1, abs((part.group.expected?.rows ?? 0) - part.found.rows))
    }
  }
}
