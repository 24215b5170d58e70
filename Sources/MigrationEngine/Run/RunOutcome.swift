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
    public let sheet: BalanceSheet
    public let isDone: Bool
    /// What the rules made null in every row that this run loaded.
    package let alwaysNull: [AlwaysNull]

    package init(name: String, sheet: BalanceSheet, isDone: Bool, alwaysNull: [AlwaysNull]) {
      self.name = name
      self.sheet = sheet
      self.isDone = isDone
      self.alwaysNull = alwaysNull
    }

  }

  public let ending: Ending
  /// The ledger's number of the session.
  public let session: Int
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
