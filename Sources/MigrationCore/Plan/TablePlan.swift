/// A table of the target and everything that feeds it.
public struct TablePlan: Sendable {
  /// The table's name in the target, to the letter.
  public let name: String
  /// The command that migrates it: `price_lists` answers to `price-lists`.
  public let command: String
  public let phase: Int
  /// The feeds, in the order that decides which of two duplicates came first.
  public internal(set) var feeds: [Feed]
  /// Sets of target columns that must be unique, besides the primary key.
  public let unique: [[String]]
  public internal(set) var checks: [RowCheck]
  public let chunk: ChunkSize
  public let loading: Loading
  /// How equal rows become one; nil where each row stands for itself.
  public let merge: Merge?
  public let place: PlanPlace

  public init(
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
public struct Feed: Sendable {
  /// The source table or collection.
  public let from: String
  /// The columns that identify a source row, in order; empty where the table has no key.
  public let key: [String]
  /// An SQL condition (or an extended JSON filter) that limits the rows.
  public let filter: String?
  public internal(set) var columns: [ColumnRule]
  /// Source columns that the plan leaves behind on purpose.
  public let ignored: [String]
  /// The path to an array in each document, whose elements are the rows; nil where documents are.
  public let each: [String]?
  /// Whether a source that is not there counts as an empty one.
  public let mayBeMissing: Bool
  public let place: PlanPlace

  public init(
    from: String, key: [String], filter: String? = nil, columns: [ColumnRule],
    ignored: [String] = [], each: [String]? = nil, mayBeMissing: Bool = false, place: PlanPlace
  ) {
    (self.each, self.mayBeMissing) = (each, mayBeMissing)
    (self.from, self.key, self.filter) = (from, key, filter)
    (self.columns, self.ignored, self.place) = (columns, ignored, place)
  }

  /// The feed with another condition.
  func filtered(by filter: String?) -> Feed {
    Feed(
      from: from, key: key, filter: filter, columns: columns, ignored: ignored, each: each,
      mayBeMissing: mayBeMissing, place: place)
  }
}

/// How a column of the target gets its value.
public struct ColumnRule: Sendable {
  public let column: String
  public let rule: Rule
  public let place: PlanPlace

  public init(column: String, rule: Rule, place: PlanPlace) {
    (self.column, self.rule, self.place) = (column, rule, place)
  }
}

/// A place in a plan's file, for errors.
public struct PlanPlace: Sendable, Hashable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let column: Int

  public init(file: String, line: Int, column: Int) {
    (self.file, self.line, self.column) = (file, line, column)
  }

  /// `file:line:column`, or the file alone where the place is the file as a whole.
  public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// How many source rows are committed together.
public enum ChunkSize: Sendable, Hashable {
  /// A few MiB of rows, measured.
  case automatic
  case rows(Int)
}

/// How a table is loaded.
public struct Loading: Sendable, Hashable {
  /// Whether indexes and foreign keys are taken off an empty table and built after the load.
  public enum SetAside: String, Sendable, CaseIterable { case auto, always, never }
  public let setAside: SetAside

  public init(setAside: SetAside = .auto) { self.setAside = setAside }
}

/// How equal rows of a table become one.
public enum Merge: String, Sendable, CaseIterable {
  /// The same row from several feeds, or several times from one, is kept once.
  case union
}

/// A condition that a finished row must meet, between two of its columns or a column and a number.
public struct RowCheck: Sendable {
  public enum Comparison: String, Sendable, CaseIterable, BitwiseCopyable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "="
    case notEqual = "!="
  }
  public enum Operand: Sendable, Hashable {
    case column(String)
    case number(String)
  }
  public let name: String
  public let left: String
  public let comparison: Comparison
  /// Null on either side passes, as in SQL's CHECK.
  public let right: Operand
  public let failure: FailurePolicy
  public let place: PlanPlace

  public init(
    name: String, left: String, comparison: Comparison, right: Operand,
    failure: FailurePolicy = .quarantine, place: PlanPlace
  ) {
    (self.name, self.left, self.comparison, self.right) = (name, left, comparison, right)
    (self.failure, self.place) = (failure, place)
  }
}
