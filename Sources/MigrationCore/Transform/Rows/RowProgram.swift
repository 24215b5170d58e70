import Postgres

/// What a program knows of the migration that it runs in.
public struct RunContext: Sendable {
  /// The session's start, the same for every run of a session.
  public let runTime: RunTime
  /// The key of the digests that stand in the place of personal data.
  public let hashKey: [UInt8]
  /// The zone of dates and times that name none.
  public let timeZone: String

  public init(runTime: RunTime, hashKey: [UInt8], timeZone: String = "UTC") {
    (self.runTime, self.hashKey, self.timeZone) = (runTime, hashKey, timeZone)
  }
}

/// A moment, in microseconds since 1970 in UTC.
public struct RunTime: Sendable, Hashable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
}

/// The rules of a feed as a flat list of instructions over numbered slots.
///
/// It is compiled once for a feed and shared by all lanes, each of which runs it with a
/// `RowMachine` of its own. It never changes, and knows neither connections nor chunks.
public final class RowProgram: Sendable {
  public let table: String
  public let feedNumber: Int
  /// The select list for the source, in the order that the machine expects; empty for documents.
  public var selectList: String { selectItems.joined(separator: ", ") }
  let selectItems: [String]
  /// The columns of the select list, or the fields that are read of documents.
  public let sourceColumns: [String]
  /// The columns that the machine writes, in order, for `COPY table (…)`.
  public let targetColumns: [String]
  /// The look-up tables that the program needs, in the order that `RowMachine` takes them in.
  public let references: [ReferenceSpec]
  /// References that can only be verified when all rows are loaded.
  public let deferredReferences: [DeferredReference]
  /// The column sets whose values no two rows of the target may share, the primary key first.
  public let uniqueSets: [[String]]

  /// How the rows are to be sent.
  let copyForm: CopyForm
  /// Whether only the server can tell which rows have equal values in a unique set.
  let hasServerJudgedSets: Bool
  /// Whether the server may store a text otherwise than it is sent, so that the row's fingerprint can
  /// only be made of what it has stored.
  let isSpelledByServer: Bool
  /// The columns of the target whose types any role can have made.
  let columnsOfUsers: Set<String>

  let memory: ProgramMemory
  /// Where the columns of each unique set stand in the target row.
  let uniqueColumns: [[Int]]
  /// Where the key's columns stand in the source row.
  let keyColumns: [Int]
  let checkNames: [String]
  let explanation: ProgramExplanation
  /// The values that are watched, in the order of the memory's list.
  let watched: [WatchedValue]
  private let owner: MemoryOwner

  init(_ parts: Parts) {
    (table, feedNumber) = (parts.table, parts.feedNumber)
    (selectItems, sourceColumns) = (parts.selectItems, parts.sourceColumns)
    (targetColumns, references) = (parts.targetColumns, parts.references)
    (deferredReferences, uniqueSets) = (parts.deferredReferences, parts.uniqueSets)
    watched = parts.watched
    (memory, uniqueColumns, keyColumns) = (parts.memory, parts.uniqueColumns, parts.keyColumns)
    (copyForm, hasServerJudgedSets) = (parts.copyForm, parts.hasServerJudgedSets)
    (isSpelledByServer, columnsOfUsers) = (parts.isSpelledByServer, parts.columnsOfUsers)
    (checkNames, explanation, owner) = (parts.checkNames, parts.explanation, parts.owner)
  }

  /// The columns that a row's fingerprint is made of, in order, each in the form in which it is sent.
  var fingerprintColumns: [HashedColumn] {
    targetColumns.enumerated().map {
      // Names of objects depend on the search path, and their numbers do not.
      let isText = isForeign($0) && !memory.columns[$0].type.namesObjects
      return HashedColumn($1, isText: isText, isOfUsers: columnsOfUsers.contains($1))
    }
  }

  /// Whether a column of the target is filled with text that only the server reads.
  func isForeign(_ column: Int) -> Bool { memory.columns[column].type.form == .foreign }

  /// What a program is made of.
  struct Parts {
    var table: String
    var feedNumber: Int
    var selectItems: [String]
    var sourceColumns: [String]
    var targetColumns: [String]
    var references: [ReferenceSpec]
    var deferredReferences: [DeferredReference]
    var uniqueSets: [[String]]
    var memory: ProgramMemory
    var uniqueColumns: [[Int]]
    var keyColumns: [Int]
    var checkNames: [String]
    var explanation: ProgramExplanation
    var watched: [WatchedValue]
    var copyForm: CopyForm
    var hasServerJudgedSets: Bool
    var isSpelledByServer: Bool
    var columnsOfUsers: Set<String>
    var owner: MemoryOwner
  }

  /// Compiles the rules of a feed.
  ///
  /// - Parameters:
  ///   - source: The source table; nil where documents are read.
  ///   - deferredTables: Tables that are loaded after this one, because references run in a
  ///     circle; look-ups in them are passed through like those in the table itself.
  ///   - referenced: The target's tables that rows are looked up in: the types of their columns say which values are
  ///     equal. In a table that is not given, the texts of values are compared.
  /// - Throws: All that makes the rules impossible for these tables, together.
  public static func compile(
    _ table: TablePlan, feed: Feed, feedNumber: Int, source: PostgresTable?, target: PostgresTable,
    context: RunContext, deferredTables: Set<String> = [],
    referenced: [String: PostgresTable] = [:]
  ) throws(PlanFaults) -> RowProgram {
    var compiler = RowCompiler(
      table: table, feed: feed, source: source, target: target, context: context,
      deferredTables: deferredTables, referenced: referenced)
    return try compiler.compile(feedNumber: feedNumber)
  }
}

/// What people are told about a program's instructions.
struct ProgramExplanation: Sendable {
  struct Step: Sendable {
    let text: String
    let inputs: [Place]
    let output: Place?
  }
  /// One for each instruction.
  var steps: [Step] = []
  /// The source columns that each target column's value is made from.
  var sources: [[String]] = []
  /// The instructions that make each target column's value.
  var ranges: [Range<Int>] = []
  /// The types of the target columns, as PostgreSQL writes them.
  var types: [String] = []
}
