import MigrationBasics

/// One check of a validation.
package enum ValidationLayer: String, Sendable, CaseIterable {
  case counts
  case records
  case references
  case types
  case rules
  case fingerprints

  /// What a validation checks unless more is asked for.
  package static let usual: [ValidationLayer] = [.counts, .records, .references, .types]

  /// The layer that a word means; `samples` is what the manuals call records.
  package init?(word: String) {
    if word == "samples" { self = .records } else { self.init(rawValue: word) }
  }

  /// The layer's name in reports.
  package var title: String {
    switch self {
    case .counts: "Row Count Validation"
    case .records: "Sample Record Validation"
    case .references: "Referential Integrity Validation"
    case .types: "Data Type Conversion Validation"
    case .rules: "Business Rule Validation"
    case .fingerprints: "Fingerprint Validation"
    }
  }

  /// The layer's member of the report.
  package var member: String {
    switch self {
    case .counts: "rowCountValidation"
    case .records: "sampleRecordValidation"
    case .references: "referentialIntegrityValidation"
    case .types: "dataTypeValidation"
    case .rules: "businessRuleValidation"
    case .fingerprints: "fingerprintValidation"
    }
  }
}

/// What came of one layer.
package struct LayerResult: Sendable {
  package enum Status: String, Sendable {
    case pass = "PASS"
    case fail = "FAIL"
    /// It did not run, which was permitted by an option.
    case notRun = "NOT RUN"
  }

  package let layer: ValidationLayer
  package var findings: [ValidationFinding] = []
  package var mismatches: [FieldMismatch] = []
  /// How many things it compared: tables, fields, keys or columns.
  package var checked = 0
  /// Records that were compared with their source, and fields of them that were equal.
  package var records = 0
  package var fields = 0
  package var equalFields = 0
  /// A line for each table, with the numbers that the layer has of it.
  package var tables: [JSONValue] = []
  package var duration: Duration = .zero
  /// Why it did not look; nil if it did.
  package var reasonNotRun: String?

  package init(_ layer: ValidationLayer) { self.layer = layer }

  /// References that were followed, and those of them that lead to no row.
  package var references: (followed: Int, orphans: Int) {
    func sum(_ key: String) -> Int {
      tables.reduce(0) { sum, table in
        if case .int(let number)? = table[key] { sum + number } else { sum }
      }
    }
    return layer == .references ? (sum("references"), sum("orphans")) : (0, 0)
  }

  /// Adds what came of a check of another part.
  package mutating func add(_ other: LayerResult) {
    findings += other.findings.filter { !findings.contains($0) }
    mismatches += other.mismatches
    tables += other.tables
    checked += other.checked
    records += other.records
    fields += other.fields
    equalFields += other.equalFields
    reasonNotRun = reasonNotRun ?? other.reasonNotRun
  }

  package var status: Status {
    if reasonNotRun != nil { return .notRun }
    // A validation that checked nothing is never a pass.
    let isClean = findings.allSatisfy { $0.severity == .warning } && mismatches.isEmpty
    return isClean && checked > 0 ? .pass : .fail
  }
}
