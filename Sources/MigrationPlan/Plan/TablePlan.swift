/// A table of the target and everything that feeds it.
public struct TablePlan: Sendable {
  /// The table's name in the target, to the letter.
  public let name: String
  /// The command that migrates it: `price_lists` answers to `price-lists`.
  public let command: String
  public let phase: Int
  /// The feeds, in the order that decides which of two duplicates came first.
  package var feeds: [Feed]
  /// Sets of target columns that must be unique, besides the primary key.
  public let unique: [[String]]
  package var checks: [RowCheck]
  package let chunk: ChunkSize
  package let loading: Loading
  /// How equal rows become one; nil if equal rows are not merged.
  package let merge: Merge?
  package let place: PlanPlace

  package init(
    name: String, command: String, phase: Int, feeds: [Feed], unique: [[String]] = [],
    checks: [RowCheck] = [], chunk: ChunkSize = .automatic, loading: Loading = Loading(),
    merge: Merge? = nil, place: PlanPlace
  ) {
    (self.name, self.command, self.phase, self.feeds) = (name, command, phase, feeds)
    (self.unique, self.checks, self.chunk) = (unique, checks, chunk)
    (self.loading, self.merge, self.place) = (loading, merge, place)
  }

  /// The tables that this one's rules look rows up in, itself included if it refers to itself.
  public var referencedTables: Set<String> {
    Set(feeds.flatMap(\.columns).flatMap(\.rule.references).map(\.table))
  }
}

/// A source that a table reads.
package struct Feed: Sendable {
  /// The source table or collection.
  package let from: String
  /// The columns that identify a source row, in order; empty if the table has no key.
  package let key: [String]
  /// An SQL condition (or an extended JSON filter) that limits the rows.
  package let filter: String?
  package var columns: [ColumnRule]
  /// Source columns that the plan leaves behind on purpose.
  package let ignored: [String]
  /// The path to an array in each document, whose elements are the rows; nil if documents are.
  package let each: [String]?
  /// Whether a source that is not there counts as an empty one.
  package let mayBeMissing: Bool
  package let place: PlanPlace

  package init(
    from: String, key: [String], filter: String? = nil, columns: [ColumnRule],
    ignored: [String] = [], each: [String]? = nil, mayBeMissing: Bool = false, place: PlanPlace
  ) {
    (self.each, self.mayBeMissing) = (each, mayBeMissing)
    (self.from, self.key, self.filter) = (from, key, filter)
    (self.columns, self.ignored, self.place) = (columns, ignored, place)
  }

  /// The feed with another condition.
  package func filtered(by filter: String?) -> Feed {
    Feed(
      from: from, key: key, filter: filter, columns: columns, ignored: ignored, each: each,
      mayBeMissing: mayBeMissing, place: place)
  }
}

/// How a column of the target gets its value.
package struct ColumnRule: Sendable {
  package let column: String
  package let rule: Rule
  package let place: PlanPlace

  package init(column: String, rule: Rule, place: PlanPlace) {
    (self.column, self.rule, self.place) = (column, rule, place)
  }
}

/// A place in a plan's file, for errors.
package struct PlanPlace: Sendable, Hashable, CustomStringConvertible {
  package let file: String
  package let line: Int
  package let column: Int

  package init(file: String, line: Int, column: Int) {
    (self.file, self.line, self.column) = (file, line, column)
  }

  /// `file:line:column`, or the file alone if the place is the file as a whole.
  package var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// How many source rows are committed together.
package enum ChunkSize: Sendable, Hashable {
  /// A few MiB of rows, measured.
  case automatic
  case rows(Int)
}

/// How a table is loaded.
package struct Loading: Sendable, Hashable {
  /// Whether indexes and foreign keys are suspended and built after the load.
  package enum SuspendedObjects: String, Sendable, CaseIterable { case auto, always, never }
  package let setAside: SuspendedObjects

  package init(setAside: SuspendedObjects = .auto) { self.setAside = setAside }
}

/// How equal rows of a table become one.
package enum Merge: String, Sendable, CaseIterable {
  /// The same row from several feeds, or several times from one, is kept once.
  case union
}

/// A condition that a finished row must meet, between two of its columns or a column and a number.
package struct RowCheck: Sendable {
  package enum Comparison: String, Sendable, CaseIterable, BitwiseCopyable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "="
    case notEqual = "!="
  }
  package enum Operand: Sendable, Hashable {
    case column(String)
    case number(String)
  }
  package let name: String
  package let left: String
  package let comparison: Comparison
  /// Null on either side passes, as in SQL's CHECK.
  package let right: Operand
  package let failure: FailurePolicy
  package let place: PlanPlace

  package init(
    name: String, left: String, comparison: Comparison, right: Operand,
    failure: FailurePolicy = .quarantine, place: PlanPlace
  ) {
    (self.name, self.left, self.comparison, self.right) = (name, left, comparison, right)
    (self.failure, self.place) = (failure, place)
  }
}
