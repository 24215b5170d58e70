import MigrationBasics
import MigrationLedger
import MigrationRows

/// How a run ended, and what it left.
public struct RunOutcome: Sendable {
  public enum Ending: Sendable, Equatable {
    /// All that was asked for is in the target.
    case completed
    /// Work is left, the checkpoint is kept.
    case paused(StopCause)
    /// A safety limit ended it; work is left.
    case stopped(ErrorCode, String)
  }

  /// One table of the run.
  public struct Table: Sendable, Hashable {
    public let name: String
    public let sheet: RowCounts
    public let isDone: Bool
    /// What the rules made null in every row that this run loaded.
    package let alwaysNull: [AlwaysNull]

    package init(name: String, sheet: RowCounts, isDone: Bool, alwaysNull: [AlwaysNull]) {
      self.name = name
      self.sheet = sheet
      self.isDone = isDone
      self.alwaysNull = alwaysNull
    }

  }

  public let ending: Ending
  /// The ledger's number of the session.
  public let session: SessionID
  public let tables: [Table]
  public let duration: Duration
  /// Whether all rows were read in one snapshot of the source.
  public let isConsistent: Bool
  /// Whether there was nothing left to do.
  public let wasComplete: Bool
  public let isDryRun: Bool
  /// What was foretold of a run with a time limit.
  public package(set) var forecast: RunForecast?
  /// The table that was being loaded when it ended.
  public let tableInHand: String?
  /// Tables that are done with more rejects than the session allowed.
  public let accepted: [AcceptedRejects]
  /// Those of them that this run let pass.
  public let acceptedByRun: [AcceptedRejects]
  /// What there is of the whole session, also of tables that this run did not move.
  public package(set) var totals = SessionTotals()
  /// Whether this run ended the migration: all tables are done, and the checkpoint file is gone.
  public package(set) var endsSession = false
  /// The rows that a dry run would quarantine; nil of a run that leaves them in the ledger.
  public package(set) var rejects: DryRunRejects?

  /// Rows that are in quarantine and wait for a decision.
  public var openRows: Int { tables.reduce(0) { $0 + $1.sheet.open } }

  /// Whether no table has more rows in quarantine than a share of its rows.
  public func isWithin(_ share: Double) -> Bool {
    tables.allSatisfy { Double($0.sheet.open) <= share * Double($0.sheet.read) }
  }
}

/// A session as a whole when a run of it ends.
public struct SessionTotals: Sendable, Hashable {
  public package(set) var tables = 0
  public package(set) var tablesDone = 0
  /// Tables that are not done, in the order of loading.
  public package(set) var tablesLeft: [String] = []
  public package(set) var rowsRead = 0
  public package(set) var rowsLoaded = 0
  public package(set) var rowsMerged = 0
  public package(set) var rowsFiltered = 0
  /// Rows that wait in the quarantine.
  public package(set) var openRows = 0
  /// How much is done, 0 to 1: each table counts as one, and one that was begun as the share of its chunks.
  public package(set) var share = 0.0
  /// The session's name; nil if it has none.
  package var title: String?
  package var begun = Moment(microseconds: 0)
  package var ended = Moment(microseconds: 0)

  package init() {}

  init(_ session: Session, _ states: [TableState], _ sheets: [RowCounts]) {
    (title, begun, ended) = (session.title, session.runTime, Moment.now())
    tables = states.count
    tablesLeft = states.filter { $0.status != .done }.map(\.name)
    tablesDone = tables - tablesLeft.count
    let left = Set(tablesLeft)
    for sheet in sheets {
      rowsRead += sheet.read
      rowsLoaded += sheet.inTarget
      rowsMerged += sheet.merged
      rowsFiltered += sheet.filtered
      openRows += sheet.open
      if left.contains(sheet.table), sheet.chunks > 0 {
        share += Double(sheet.chunksDone) / Double(sheet.chunks)
      }
    }
    share = tables > 0 ? (share + Double(tablesDone)) / Double(tables) : 0
  }
}

extension RunOutcome {
  /// Whether so few rows are quarantined that the plan or the command line calls the run done.
  public func isAccepted(by request: RunRequest) -> Bool {
    (request.acceptedShare ?? request.plan.limits.acceptedShare).map(isWithin) ?? false
  }
}

/// The rows that a dry run would quarantine: after its end no ledger has them.
public struct DryRunRejects: Sendable {
  /// At most a fixed number of rows are kept.
  public static let mostRows = 10_000

  package let patterns: [QuarantinePattern]
  /// The first rows, if they are asked for.
  package let rows: [QuarantineEntry]

  init(_ ledger: Ledger, _ session: Session, withRows: Bool) throws {
    patterns = try ledger.quarantinePatterns(session: session.id)
    rows = try withRows ? ledger.quarantined(session: session.id, limit: Self.mostRows) : []
  }
}
