import MigrationBasics
import MigrationPlan

/// A value that a program makes in every row, which is reported if it is null in all of them.
package struct WatchedValue: Sendable {
  /// What of a target column it is.
  package enum Part: Sendable, Hashable {
    /// The column, or with keys what is under them in the JSON that the plan builds.
    case value([String])
    /// What is put in place of null by a default, or by the next rule of a list.
    case beforeDefault([String])
    /// A text that is joined with others, by its number.
    case joined([String], Int)
  }

  package let column: String
  package let part: Part
  package let rule: Rule

  /// The column with the part of it that is meant, as reports name it.
  package var label: String {
    switch part {
    case .value(let keys): ([column] + keys).joined(separator: ".")
    case .beforeDefault(let keys):
      ([column] + keys).joined(separator: ".") + " (before its default)"
    case .joined(let keys, let number): ([column] + keys).joined(separator: ".") + "[\(number)]"
    }
  }
}

/// A value of a table that is null in every row that was loaded, or elements that no document has.
package struct AlwaysNull: Sendable, Hashable {
  /// The target column, with what of it is meant; for elements `each` and the path to them.
  package let column: String
  /// The source table or collection.
  package let source: String
  /// The rows, or the documents, that have nothing there.
  package let rows: Int
  /// Whether it is about elements.
  package var isEach = false

  package init(column: String, source: String, rows: Int, isEach: Bool = false) {
    self.column = column
    self.source = source
    self.rows = rows
    self.isEach = isEach
  }

  /// How reports name it, without the table.
  package var description: String {
    isEach
      ? "\(column) finds no element in any document of \(source) (\(CountText.of(rows, "document")))"
      : "\(column) is null in every row loaded from \(source) (\(CountText.of(rows, "row")))"
  }

  package static func elements(_ feed: Feed, documents: Int) -> AlwaysNull {
    AlwaysNull(
      column: "each " + (feed.each ?? []).joined(separator: "."), source: feed.from,
      rows: documents, isEach: true)
  }
}

extension RowEngine {
  /// Notes which of the watched values the row has.
  @inline(__always)
  package func noteValues() {
    var index = 0
    while index < memory.watched.count {
      if !slots[Int(memory.watched[index])].isNull { hadValue[index] = true }
      index &+= 1
    }
  }
}

extension RowMachine {
  /// For each of the program's watched values, whether a row that was written had it.
  package var hadValue: [Bool] {
    withExtendedLifetime(self) {
      program.watched.indices.map { engine.pointee.hadValue[$0] }
    }
  }

  /// The watched values that no row had.
  package var alwaysNull: [WatchedValue] {
    zip(program.watched, hadValue).compactMap { $1 ? nil : $0 }
  }
}
