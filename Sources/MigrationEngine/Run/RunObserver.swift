import MigrationLedger

/// What a run reports while it works; all numbers are of committed chunks.
public enum RunEvent: Sendable {
  /// The session began, or an earlier one continues.
  case began(Session, lostRuns: [Run])
  /// The session was begun by an earlier run: what of it is done.
  case continued(RunContinuation)
  /// Whether the time that the run has is expected to be enough.
  case forecast(RunForecast)
  /// A table is being made ready: what is done now.
  case preparing(table: String, step: String)
  case tableBegan(TableProgressReport)
  case progress(TableProgressReport)
  case tableEnded(RunOutcome.Table)
  /// A chunk failed and is tried again.
  case retrying(table: String, chunk: Int?, failure: String, wait: Duration)
  /// Rows of a chunk were refused by the server, and are searched one by one.
  case searchingBadRows(table: String, chunk: Int, failure: String)
  /// No chunk was committed for a while.
  case stalled(StallReport)
  case warning(String)
  /// How a server answers, once in an interval.
  case health(ServerHealth)
  /// Someone at another terminal changed settings.
  case adjusted(RunAdjustments, by: String)
  /// A committed chunk, or the end of a table, has quarantined rows.
  case newlyQuarantined(NewlyQuarantined)
  /// The run ends with rows in quarantine.
  case quarantined(QuarantinedRows)
  /// The run will end: after the current chunks, or at once, with those rolled back.
  case stopping(StopCause, atOnce: Bool)
}

/// How far a table is.
public struct TableProgressReport: Sendable, Hashable {
  public let table: String
  public let lanes: Int
  public let rowsPlanned: Int
  public let rowsRead: Int
  public let rowsLoaded: Int
  public let rowsRejected: Int
  public let warnings: Int
  public let chunks: Int
  public let chunksDone: Int
  /// The time since this run began with the table.
  public let elapsed: Duration
  /// Rows that this run read, which the rate is made of.
  public let rowsReadByRun: Int

  /// Rows of the source: by the estimate of the planning, or more if more were read.
  public var rowsExpected: Int { max(rowsPlanned, rowsRead) }

  /// Rows a second of this run.
  public var rate: Double {
    let seconds = elapsed / .seconds(1)
    return seconds > 0 ? Double(rowsReadByRun) / seconds : 0
  }

  /// How long the rest will take at that rate; nil as long as there is none.
  public var remaining: Duration? {
    guard rate > 0 else { return nil }
    return .seconds(Double(max(0, rowsPlanned - rowsRead)) / rate)
  }
}

/// What a run finds done that continues with a session.
public struct RunContinuation: Sendable, Hashable {
  public struct Table: Sendable, Hashable {
    public let name: String
    public let rowsRead: Int
    public let rowsLoaded: Int
  }
  /// Rows that the session has loaded, into all tables.
  public let rowsLoaded: Int
  /// Tables of this run that are done.
  public let done: [Table]
  /// The table that the run begins with; nil if only foreign keys are left.
  public let next: Table?

  init(_ tables: [String], _ states: [TableState], _ sheets: [RowCounts]) {
    let found = tables.compactMap { name in
      sheets.first { $0.table == name }.map {
        Table(name: name, rowsRead: $0.read, rowsLoaded: $0.inTarget)
      }
    }
    let isDone = { (table: Table) in
      states.contains { $0.name == table.name && $0.status == .done }
    }
    rowsLoaded = sheets.reduce(0) { $0 + $1.inTarget }
    done = found.filter(isDone)
    next = found.first { !isDone($0) }
  }
}

/// Rows that were quarantined just now.
public struct NewlyQuarantined: Sendable {
  package let rows: [QuarantineEntry]
}

/// What rows wait in quarantine for, when a run ends.
public struct QuarantinedRows: Sendable {
  /// The largest group first.
  package let patterns: [QuarantinePattern]
}

/// Receives the events of a run; called from several threads, one at a time.
public typealias RunObserver = @Sendable (RunEvent) -> Void

/// What the target's server is doing while no chunk is committed.
public struct StallReport: Sendable, Hashable {
  package struct Waiting: Sendable, Hashable {
    package let backend: Int
    /// What the server's process waits for, such as `Lock: transactionid`; empty while it works.
    package let waitsFor: String
    package let blockers: [Blocker]
  }
  package struct Blocker: Sendable, Hashable {
    package let backend: Int
    package let user: String
    package let application: String
    package let state: String
    /// Since when its transaction is open, in seconds.
    package let seconds: Int
  }
  public let silence: Duration
  package let lanes: [Waiting]
}
