import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres

/// The rows of a retry, with the quarantine's entry for each.
final class RetryStore {
  let rows: RowStore
  private(set) var ready: [QuarantineEntry] = []
  /// For each ready row, the columns whose texts were read leniently.
  private(set) var coerced: [[String]] = []
  /// For each ready row, its values in the sets that the plan alone calls unique; nil if one is null.
  private(set) var keys: [[[UInt8]?]] = []
  var rejected: [(Int, QuarantinedRow)] = []
  private let machine: RowMachine
  private let coercion: RowCoercion?
  private let fingerprints: FingerprintKey?
  private let hashedFields: [Int]?
  private let uniqueSets: [Int]
  private let buffer = CopyBuffer()

  /// - Parameters:
  ///   - coercion: repairs texts that do not convert; nil takes rows as they are.
  ///   - uniqueSets: the places of the sets that the plan alone calls unique.
  init(
    _ machine: RowMachine, _ feed: FeedWork, _ coercion: RowCoercion?,
    _ fingerprints: FingerprintKey?, uniqueSets: [Int]
  ) {
    self.uniqueSets = uniqueSets
    (self.machine, self.coercion, self.fingerprints) = (machine, coercion, fingerprints)
    hashedFields = feed.hashedFields
    rows = RowStore(feed.program.copyForm)
  }

  /// - Parameter elements: the elements that some entry names; no key is made of others.
  func take(
    _ row: UnsafeRawBufferPointer, _ entries: [JSONValue: QuarantineEntry], elements: Set<Int>
  ) {
    var kept: Range<Int>?
    machine.forEachRow(of: row) { element in
      guard element < 0 || elements.contains(element),
        let entry = entries[machine.key(row, element: element).sortedMembers]
      else { return }
      take(row, element, entry, &kept)
    }
  }

  /// Takes a row whose entry is known.
  func take(_ row: UnsafeRawBufferPointer, element: Int, _ entry: QuarantineEntry) {
    machine.goTo(element, of: row)
    var kept: Range<Int>?
    take(row, element, entry, &kept)
  }

  /// The numbers of the entries of which a row was found.
  var taken: Set<Int> { Set(ready.map(\.id) + rejected.map(\.0)) }

  private func take(
    _ row: UnsafeRawBufferPointer, _ element: Int, _ entry: QuarantineEntry,
    _ kept: inout Range<Int>?
  ) {
    buffer.removeAll()
    if machine.run(row, element: element, into: buffer) == .row {
      rows.add(row, element: element, encoded: buffer, fingerprint, kept: &kept)
      return keep(entry, coerced: [])
    }
    let first = machine.reject
    // Fields of documents have no columns of their own in the row.
    if coercion != nil, element < 0, takeMended(Array(row), first, entry) { return }
    reject(entry, first)
  }

  /// Takes a row with its rejected values read leniently, if it passes so.
  private func takeMended(
    _ row: [UInt8], _ first: RejectReason, _ entry: QuarantineEntry
  ) -> Bool {
    guard let columns = coercion?.run(row, first, machine, into: buffer) else { return false }
    var kept: Range<Int>?
    row.withUnsafeBytes {
      rows.add($0, element: -1, encoded: buffer, fingerprint, kept: &kept)
    }
    keep(entry, coerced: columns)
    return true
  }

  /// The fingerprint of the row that the machine made last.
  private var fingerprint: Fingerprint {
    fingerprints?.hash(machine.hashedBytes(hashedFields)) ?? .zero
  }

  private func keep(_ entry: QuarantineEntry, coerced columns: [String]) {
    ready.append(entry)
    coerced.append(columns)
    keys.append(uniqueSets.map { set in machine.withUniqueKey(set) { [UInt8]($0) } })
  }

  /// Rejects a ready row whose values another row has.
  func reject(_ row: Int, asDuplicateIn columns: String) {
    let entry = ready[row]
    rejected.append(
      (
        entry.id,
        QuarantinedRow(
          key: entry.row.key, row: entry.row.row, code: .duplicate, reason: "duplicate",
          column: columns,
          hint: "the target has another row with the same \(columns); "
            + "change one of them in the source, and retry")
      ))
  }

  private func reject(_ entry: QuarantineEntry, _ reject: RejectReason) {
    rejected.append(
      (
        entry.id,
        QuarantinedRow(
          key: entry.row.key, row: entry.row.row, code: reject.code, reason: reject.reason.name,
          column: reject.column.isEmpty ? nil : reject.column, value: reject.value,
          hint: reject.hint)
      ))
  }
}
