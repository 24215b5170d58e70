import MigrationPlan
import MigrationRows
import Postgres

/// Repairs source rows that were rejected because a text did not convert, for a lenient retry.
///
/// Only texts of the columns that the rejected value came from are changed, and only to what the
/// rules read without doubt. The row in the source and in the quarantine stays as it is. So does what other target
/// columns read, also where they read the same text.
package struct RowCoercion {
  private let program: RowProgram
  private let rules: [String: Rule]

  /// Returns nil for a feed of documents, whose rows have no fields to rewrite.
  package init?(_ feed: FeedWork) {
    guard feed.program.memory.documents == nil else { return nil }
    program = feed.program
    rules = Dictionary(
      feed.feed.columns.map { ($0.column, $0.rule) }, uniquingKeysWith: { first, _ in first })
  }

  /// Repairs one rejected value after the other, until the row passes or nothing helps.
  ///
  /// - Parameters:
  ///   - first: why a machine of the feed has rejected the row.
  ///   - buffer: holds nothing but the target row afterwards.
  /// - Returns: The columns that were read leniently; nil if the row does not pass.
  package func run(
    _ row: [UInt8], _ first: RejectReason, _ machine: RowMachine, into buffer: CopyBuffer
  ) -> [String]? {
    var reject = first
    var columns: [String] = []
    var mended: [Int: [UInt8]] = [:]
    // A text that was fixed once is left as it is, so that this comes to an end.
    while let column = program.targetColumns.firstIndex(of: reject.column),
      let other = mend(mended[column] ?? row, reject)
    {
      if !columns.contains(reject.column) { columns.append(reject.column) }
      mended[column] = other
      buffer.removeAll()
      if machine.run(row, except: mended, into: buffer) == .row { return columns }
      reject = machine.reject
    }
    return nil
  }

  /// Returns the row with the rejected value written otherwise; nil if nothing helps.
  private func mend(_ row: [UInt8], _ reject: RejectReason) -> [UInt8]? {
    guard let reading = TextCoercion(reject.reason), let rule = rules[reject.column],
      !(reading == .date && rule.hasDateFormat)
    else { return nil }
    var fields = Self.fields(of: row)
    var hasChanged = false
    for name in reject.sources {
      guard let place = program.sourceColumns.firstIndex(of: name), place < fields.count,
        program.memory.sourceForms[place] == .text, let bytes = fields[place],
        let text = String(validating: bytes, as: UTF8.self), isMeant(text, reject)
      else { continue }
      switch reading.read(text, decimal: rule.decimalSign) {
      case .unknown: continue
      case .null: fields[place] = nil
      case .text(let mended):
        guard mended != text else { continue }
        fields[place] = Array(mended.utf8)
      }
      hasChanged = true
    }
    return hasChanged ? Self.row(of: fields) : nil
  }

  /// A value may come from several columns; the one that failed is known by what it says.
  private func isMeant(_ text: String, _ reject: RejectReason) -> Bool {
    reject.sources.count == 1 || reject.value.map { $0.trimmed == text.trimmed } ?? false
  }

  private static func fields(of row: [UInt8]) -> [[UInt8]?] {
    var fields: [[UInt8]?] = []
    row.withUnsafeBytes { bytes in
      var reader = BinaryRowReader(bytes)
      while let field = reader.next() { fields.append(field.isNull ? nil : Array(field.bytes)) }
    }
    return fields
  }

  private static func row(of fields: [[UInt8]?]) -> [UInt8] {
    func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
    return fields.reduce(into: bigEndian(Int16(fields.count))) { row, field in
      row += bigEndian(Int32(field?.count ?? -1)) + (field ?? [])
    }
  }
}

extension Rule {
  /// Whether the plan says how dates are written, which then applies.
  fileprivate var hasDateFormat: Bool {
    var found = false
    walk { if case .step(_, .date) = $0 { found = true } }
    return found
  }

  /// What the rules take for a decimal point: the plan's own, or a point.
  fileprivate var decimalSign: String {
    var sign = "."
    walk { if case .step(_, .number(let decimal, _, _)) = $0 { sign = decimal } }
    return sign
  }
}
