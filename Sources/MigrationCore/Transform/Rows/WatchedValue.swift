/// A value that a program makes in every row, of which it is told where it is null in all of them.
struct WatchedValue: Sendable {
  /// What of a target column it is.
  enum Part: Sendable, Hashable {
    /// The column, or with keys what stands under them in the JSON that the plan builds.
    case value([String])
    /// What is put in place of null by a default, or by the next rule of a list.
    case beforeDefault([String])
    /// A text that is joined with others, by its number.
    case joined([String], Int)
  }

  let column: String
  let part: Part
  let rule: Rule

  /// The column with what of it is meant, as people are told.
  var label: String {
    switch part {
    case .value(let keys): ([column] + keys).joined(separator: ".")
    case .beforeDefault(let keys):
      ([column] + keys).joined(separator: ".") + " (before its default)"
    case .joined(let keys, let number): ([column] + keys).joined(separator: ".") + "[\(number)]"
    }
  }
}

/// A value of a table that is null in every row that was loaded, or elements that no document has.
public struct AlwaysNull: Sendable, Hashable {
  /// The target column, with what of it is meant; for elements `each` and the path to them.
  public let column: String
  /// The source table or collection.
  public let source: String
  /// The rows, or the documents, that have nothing there.
  public let rows: Int
  /// Whether it is about elements.
  public var isEach = false

  /// What people are told, without the table.
  public var description: String {
    isEach
      ? "\(column) finds no element in any of the \(rows) documents of \(source)"
      : "\(column) is null in all \(rows) rows that were loaded from \(source)"
  }

  static func elements(_ feed: Feed, documents: Int) -> AlwaysNull {
    AlwaysNull(
      column: "each " + (feed.each ?? []).joined(separator: "."), source: feed.from,
      rows: documents, isEach: true)
  }
}

extension RowEngine {
  /// Notes which of the watched values the row has.
  @inline(__always)
  func noteValues() {
    var index = 0
    while index < memory.watched.count {
      if !slots[Int(memory.watched[index])].isNull { hadValue[index] = true }
      index &+= 1
    }
  }
}

extension RowMachine {
  /// For each of the program's watched values, whether a row that was written had it.
  var hadValue: [Bool] {
    withExtendedLifetime(self) {
      program.watched.indices.map { engine.pointee.hadValue[$0] }
    }
  }

  /// The watched values that no row had.
  var alwaysNull: [WatchedValue] {
    zip(program.watched, hadValue).compactMap { $1 ? nil : $0 }
  }
}
