import MigrationBasics
import MigrationPlan
import Postgres

/// What a program knows of the migration that it runs in.
package struct RunContext: Sendable {
  /// The session's start, the same for every run of a session.
  package let runTime: RunTime
  /// The key of the digests that are in the place of personal data.
  package let hashKey: [UInt8]
  /// The zone of dates and times that name none.
  package let timeZone: String

  package init(runTime: RunTime, hashKey: [UInt8], timeZone: String = "UTC") {
    (self.runTime, self.hashKey, self.timeZone) = (runTime, hashKey, timeZone)
  }
}

/// A moment, in microseconds since 1970 in UTC.
package struct RunTime: Sendable, Hashable {
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }
}

/// The rules of a feed as a flat list of instructions over numbered slots.
///
/// It is compiled once for a feed and shared by all lanes, each of which runs it with a
/// `RowMachine` of its own. It never changes, and knows neither connections nor chunks.
package final class RowProgram: Sendable {
  package let table: String
  package let feedNumber: Int
  /// The select list for the source, in the order that the machine expects; empty for documents.
  package var selectList: String { selectItems.joined(separator: ", ") }
  package let selectItems: [String]
  /// The columns of the select list, or the fields that are read of documents.
  package let sourceColumns: [String]
  /// The columns that the machine writes, in order, for `COPY table (…)`.
  package let targetColumns: [String]
  /// The look-up tables that the program needs, in the order that `RowMachine` takes them in.
  package let references: [ReferenceSpec]
  /// References that can only be verified when all rows are loaded.
  package let deferredReferences: [DeferredReference]
  /// The column sets whose values no two rows of the target may share, the primary key first.
  package let uniqueSets: [[String]]

  /// How the rows are to be sent.
  package let copyForm: CopyForm
  /// Whether only the server can decide which rows have equal values in a unique set.
  package let hasServerJudgedSets: Bool
  /// Whether the server may store a text otherwise than it is sent, so that the row's fingerprint can
  /// only be made of what it has stored.
  package let isSpelledByServer: Bool
  /// The columns of the target whose types any role can have made.
  let columnsOfUsers: Set<String>

  package let memory: ProgramMemory
  /// Where the columns of each unique set are in the target row.
  let uniqueColumns: [[Int]]
  /// Where the key's columns are in the source row.
  let keyColumns: [Int]
  let checkNames: [String]
  package let explanation: ProgramExplanation
  /// The values that are watched, in the order of the memory's list.
  package let watched: [WatchedValue]
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
  package var fingerprintColumns: [HashedColumn] {
    targetColumns.enumerated().map {
      // Names of objects depend on the search path, and their numbers do not.
      let isText = isForeign($0) && !memory.columns[$0].type.namesObjects
      return HashedColumn($1, isText: isText, isOfUsers: columnsOfUsers.contains($1))
    }
  }

  /// Whether a column of the target is filled with text that only the server reads.
  package func isForeign(_ column: Int) -> Bool { memory.columns[column].type.form == .foreign }

  /// What a program is made of.
  package struct Parts {
    package var table: String
    package var feedNumber: Int
    package var selectItems: [String]
    package var sourceColumns: [String]
    package var targetColumns: [String]
    package var references: [ReferenceSpec]
    package var deferredReferences: [DeferredReference]
    package var uniqueSets: [[String]]
    package var memory: ProgramMemory
    var uniqueColumns: [[Int]]
    var keyColumns: [Int]
    var checkNames: [String]
    package var explanation: ProgramExplanation
    package var watched: [WatchedValue]
    package var copyForm: CopyForm
    package var hasServerJudgedSets: Bool
    package var isSpelledByServer: Bool
    var columnsOfUsers: Set<String>
    package var owner: MemoryOwner

    package init(
      table: String, feedNumber: Int, selectItems: [String], sourceColumns: [String],
      targetColumns: [String], references: [ReferenceSpec], deferredReferences: [DeferredReference],
      uniqueSets: [[String]], memory: ProgramMemory, uniqueColumns: [[Int]], keyColumns: [Int],
      checkNames: [String], explanation: ProgramExplanation, watched: [WatchedValue],
      copyForm: CopyForm, hasServerJudgedSets: Bool, isSpelledByServer: Bool,
      columnsOfUsers: Set<String>, owner: MemoryOwner
    ) {
      self.table = table
      self.feedNumber = feedNumber
      self.selectItems = selectItems
      self.sourceColumns = sourceColumns
      self.targetColumns = targetColumns
      self.references = references
      self.deferredReferences = deferredReferences
      self.uniqueSets = uniqueSets
      self.memory = memory
      self.uniqueColumns = uniqueColumns
      self.keyColumns = keyColumns
      self.checkNames = checkNames
      self.explanation = explanation
      self.watched = watched
      self.copyForm = copyForm
      self.hasServerJudgedSets = hasServerJudgedSets
      self.isSpelledByServer = isSpelledByServer
      self.columnsOfUsers = columnsOfUsers
      self.owner = owner
    }

  }

  /// Compiles the rules of a feed.
  ///
  /// - Parameters:
  ///   - source: The source table; nil if documents are read.
  ///   - deferredTables: Tables that are loaded after this one, because references run in a
  ///     circle; look-ups in them are passed through like those in the table itself.
  ///   - referenced: The target's tables that rows are looked up in: the types of their columns say which values are
  ///     equal. In a table that is not given, the texts of values are compared.
  /// - Throws: All that makes the rules impossible for these tables, together.
  package static func compile(
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

/// The descriptions of a program's instructions.
package struct ProgramExplanation: Sendable {
  package struct Step: Sendable {
    package let text: String
    let inputs: [Place]
    package let output: Place?
  }
  /// One for each instruction.
  package var steps: [Step] = []
  /// The source columns that each target column's value is made from.
  package var sources: [[String]] = []
  /// The instructions that make each target column's value.
  package var ranges: [Range<Int>] = []
  /// The types of the target columns, as PostgreSQL writes them.
  package var types: [String] = []
}
