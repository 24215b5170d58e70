import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// What a migration run is asked to do.
public struct RunRequest: Sendable {
  /// Where to read and write.
  public struct Databases: Sendable {
    public var source: SourcePlace
    public var target: ConnectionString
    public var connectTimeout: Duration?
    public var lockTimeout: Duration?
    /// The most connections to one database at a time; nil sets no limit.
    public var poolSize: Int?
    /// How long a connection may be idle before it is closed; nil is for ever.
    public var idleTimeout: Duration?
    /// The time between two looks at the servers' health; nil does not look.
    public var healthCheckInterval: Duration?
    /// How gently the source is read.
    package var reading = ReadingLimits()

    public init(source: SourcePlace, target: ConnectionString) {
      (self.source, self.target) = (source, target)
    }

    public init(source: ConnectionString, target: ConnectionString) {
      self.init(source: .postgres(source), target: target)
    }
  }

  public var plan: Plan
  public var databases: Databases
  /// The tables to move; nil moves all of the plan.
  public var tables: [String]?
  /// How to move rows and when to stop, by all places that may say it.
  public var settings = RunSettings()
  /// The most rows that each feed reads.
  public var rowLimit: Int?
  /// A further condition on the rows of the source, in SQL or as a MongoDB filter; only with one
  /// table.
  public var condition: String?
  package var ledgerSchema = Ledger.defaultSchema
  /// Gives up an open session and starts over.
  public var fresh = false
  /// Empties the target tables before a fresh start.
  public var emptiesTables = false
  /// Continues if prerequisites are missing, or rows of an earlier session are in the tables.
  public var force = false
  /// Whether the plan's check and the role's rights are asked for before anything is written, as the
  /// command `run` does.
  public var checksPlan = false
  /// Does everything but commit.
  public var dryRun = false
  /// Whether a dry run keeps the rows that it would quarantine, and not only how many are alike.
  public var keepsRejects = false
  /// What a dry run works on instead of the target's own tables; nil takes those.
  package var stage: DryRunStage?
  /// The share of a table's rows that may be rejected, over what the plan says; nil goes by the plan.
  public var acceptedShare: Double?
  /// Whether a rollback follows on its own if the plan names one; nil leaves it to the plan.
  public var rollback: Triggers.Consent?
  /// Asks whether a run may begin on a target that a full rollback has restored; throws if not. Nil refuses it.
  package var acceptsRestored: (@Sendable (FullRollbackState) throws -> Void)?
  /// What the run is called in the ledger: the command line.
  public var command = "migrate run"
  /// Where the checkpoint is written for people and scripts; nil writes none, nor does a part.
  public var checkpointFile: String?
  /// Where quarantined rows are logged, a line each; nil writes none, nor does a part.
  public var errorLogFile: String?

  /// Whether a part of the rows is moved, and not what the plan says as a whole.
  public var isPart: Bool { rowLimit != nil || condition != nil }

  /// A run over a part of the rows is a session of its own: its chunks end where the part ends.
  var sessionName: String {
    guard isPart else { return plan.name }
    var name = plan.name
    if let tables { name += " " + tables.sorted().joined(separator: ",") }
    if let limit = rowLimit { name += " limit \(limit)" }
    if let condition { name += " where \(condition)" }
    return name
  }

  /// How long the run may take, by the command line or the plan, whichever is less.
  package var timeLimit: Duration? {
    [settings.timeLimit, plan.limits.timeLimit].compactMap { $0 }.min()
  }

  /// What the program that makes the request says of how rows are moved.
  public var tuning: RunAdjustments {
    get { settings[.settings] }
    set { settings[.settings] = newValue }
  }

  public init(plan: Plan, databases: Databases) {
    (self.plan, self.databases) = (plan, databases)
  }

  /// A run of a plan as the settings want it.
  ///
  /// - Throws: what is missing or wrong in the settings.
  public init(plan: Plan, settings: Settings) throws {
    let settings = try settings.with(plan: plan.settings)
    self.init(plan: plan, databases: try Databases(settings, plan: plan))
    self.settings = RunSettings(settings)
    ledgerSchema = settings.value(.ledgerSchema)
  }
}
