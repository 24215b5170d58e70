import MigrationLedger
import MigrationPlan

/// Compares live tables with those that the schema files describe, object by object.
///
/// Objects are matched by what they are before they are matched by name: a key of another name but
/// the same columns and conditions is no difference. Tables that the files don't know are not checked.
package struct SchemaComparison {
  /// An index or constraint that a load has suspended.
  package struct SuspendedObject: Sendable, Hashable {
    package let table: String
    package let name: String

    package init(table: String, name: String) { (self.table, self.name) = (table, name) }
  }

  private let setAside: Set<SuspendedObject>
  private var findings: [SchemaFinding] = []

  /// Returns the differences, table by table in the files' order of names.
  package static func compare(
    expected: [PostgresTable], live: [PostgresTable], setAside: Set<SuspendedObject> = []
  ) -> [SchemaFinding] {
    var comparison = SchemaComparison(setAside: setAside)
    for table in expected {
      if let found = live.first(where: { $0.name == table.name }) {
        comparison.compare(ComparableTable(table), ComparableTable(found))
      } else {
        comparison.findings.append(SchemaFinding(.tableMissing, table: table.name))
      }
    }
    return comparison.findings
  }

  private init(setAside: Set<SuspendedObject>) { self.setAside = setAside }

  private mutating func compare(_ expected: ComparableTable, _ live: ComparableTable) {
    compareColumns(expected, live)
    let used = compareConstraints(expected, live)
    compareIndexes(expected, live, used: used)
  }

  private mutating func add(
    _ kind: SchemaFinding.Kind, _ severity: SchemaFinding.Severity, _ table: String,
    _ object: String, expected: String? = nil, found: String? = nil
  ) {
    findings.append(
      SchemaFinding(
        kind, severity, table: table, object: object, expected: expected, found: found))
  }
}

// Columns
extension SchemaComparison {
  private mutating func compareColumns(_ expected: ComparableTable, _ live: ComparableTable) {
    for column in expected.table.columns {
      let type = expected.unqualified(column.type.name)
      guard let found = live.table[column.name] else {
        add(.columnMissing, .error, expected.table.name, column.name, expected: type)
        continue
      }
      compare(column, found, expected, live)
    }
    for column in live.table.columns where expected.table[column.name] == nil {
      // Rows would be refused for want of a value that no plan gives.
      let isObstacle = column.isNotNull && !column.hasDefault && !column.isGenerated
      add(
        .columnUnknown, isObstacle ? .error : .warning, live.table.name, column.name,
        found: live.unqualified(column.type.name) + (isObstacle ? ", NOT NULL without default" : "")
      )
    }
  }

  private mutating func compare(
    _ column: PostgresColumn, _ found: PostgresColumn, _ expected: ComparableTable,
    _ live: ComparableTable
  ) {
    let table = expected.table.name
    func check(
      _ kind: SchemaFinding.Kind, _ severity: SchemaFinding.Severity, _ wanted: String?,
      _ actual: String?
    ) {
      guard wanted != actual else { return }
      add(kind, severity, table, column.name, expected: wanted, found: actual)
    }
    check(
      .typeDiffers, .error, expected.unqualified(column.type.name),
      live.unqualified(found.type.name))
    if column.type.labels != found.type.labels {
      check(.typeDiffers, .error, "enum \(column.type.labels)", "enum \(found.type.labels)")
    }
    check(
      .nullabilityDiffers, .error, column.isNotNull ? "NOT NULL" : "nullable",
      found.isNotNull ? "NOT NULL" : "nullable")
    check(
      .generationDiffers, .error, column.isGenerated ? "generated" : "plain",
      found.isGenerated ? "generated" : "plain")
    check(
      .identityDiffers, .warning, column.identity?.words, found.identity?.words)
    check(
      .defaultDiffers, .warning, column.defaultExpression.map(expected.unqualified),
      found.defaultExpression.map(live.unqualified))
  }
}

// Constraints and indexes
extension SchemaComparison {
  /// Returns the indexes that implement a constraint.
  private mutating func compareConstraints(
    _ expected: ComparableTable, _ live: ComparableTable
  ) -> Set<String> {
    let table = expected.table.name
    var matched: Set<String> = []
    var indexes: Set<String> = []
    for wanted in expected.constraints {
      let same = live.constraints.first { !matched.contains($0.name) && $0.words == wanted.words }
      if let same {
        matched.insert(same.name)
        if !same.isValid, wanted.isValid {
          add(.constraintNotValidated, .error, table, same.name, expected: wanted.words)
        }
      } else if let index = live.uniqueIndex(serving: wanted) {
        indexes.insert(index)
      } else if let other = live.constraints.first(where: { $0.name == wanted.name }) {
        matched.insert(other.name)
        add(
          .constraintDiffers, .error, table, wanted.name, expected: wanted.words, found: other.words
        )
      } else {
        addMissing(.constraintMissing, table, wanted)
      }
    }
    for other in live.constraints where !matched.contains(other.name) {
      add(.constraintUnknown, .warning, table, other.name, found: other.words)
    }
    return indexes
  }

  private mutating func compareIndexes(
    _ expected: ComparableTable, _ live: ComparableTable, used: Set<String>
  ) {
    let table = expected.table.name
    var matched = used
    for wanted in expected.indexes {
      let same = live.indexes.filter { !matched.contains($0.name) && $0.words == wanted.words }
      if let best = same.first(where: \.isValid) ?? same.first {
        matched.insert(best.name)
        if !best.isValid { add(.indexInvalid, .error, table, best.name, expected: wanted.words) }
      } else if let other = live.indexes.first(where: { $0.name == wanted.name }) {
        matched.insert(other.name)
        add(.indexDiffers, .error, table, wanted.name, expected: wanted.words, found: other.words)
      } else {
        addMissing(.indexMissing, table, wanted)
      }
    }
    for other in live.indexes where !matched.contains(other.name) {
      add(.indexUnknown, .warning, table, other.name, found: other.words)
    }
  }

  private mutating func addMissing(
    _ kind: SchemaFinding.Kind, _ table: String, _ object: ComparableTable.Object
  ) {
    if setAside.contains(SuspendedObject(table: table, name: object.name)) {
      add(.setAside, .warning, table, object.name, expected: object.words)
    } else {
      add(kind, .error, table, object.name, expected: object.words)
    }
  }
}

extension PostgresColumn.Identity {
  fileprivate var words: String {
    switch self {
    case .always: "GENERATED ALWAYS"
    case .byDefault: "GENERATED BY DEFAULT"
    }
  }
}
