import MigrationBasics
import MigrationPlan

/// One named migration, from its start to its completion, over any number of runs.
public struct Session: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    case open
    case completed
    /// Given up for a fresh start.
    case abandoned
  }

  public let id: SessionID
  /// Distinguishes the sessions of a plan from those of parts of its rows.
  public let name: String
  /// Its name; nil if it has none.
  public let title: String?
  public let plan: String
  public let planHash: String
  /// The moment that rules write as "time of the run": the session's start, for ever the same.
  package let runTime: Moment
  /// The settings that the session was begun with, and what was configured since.
  package let settings: JSONValue
  package let status: Status
  package let ended: Moment?
  /// Who began it, as `user@host`; nil if that was not noted.
  public let startedBy: String?
  /// Whether an earlier run began it.
  public let isContinued: Bool
  /// The key of the fingerprints of its rows; nil if the session is older than fingerprints.
  package let fingerprintKey: [UInt8]?
  /// `Plan.meaning` of its plan; nil if the session is older than that.
  let planMeaning: String?

  package init(
    id: SessionID, name: String, title: String?, plan: String, planHash: String, runTime: Moment,
    settings: JSONValue, status: Status, ended: Moment?, startedBy: String?, isContinued: Bool,
    fingerprintKey: [UInt8]?, planMeaning: String?
  ) {
    self.id = id
    self.name = name
    self.title = title
    self.plan = plan
    self.planHash = planHash
    self.runTime = runTime
    self.settings = settings
    self.status = status
    self.ended = ended
    self.startedBy = startedBy
    self.isContinued = isContinued
    self.fingerprintKey = fingerprintKey
    self.planMeaning = planMeaning
  }

  /// Whether it moves a part of the rows (`--limit`, `--where`), besides the migration of the plan as a whole.
  public var isPart: Bool { name != plan }

  /// Whether a plan says what its plan said when it began; comments and blanks may differ.
  package func isOf(hash: String, meaning: String?) -> Bool {
    planHash == hash || planMeaning != nil && planMeaning == meaning
  }

  /// Refuses to continue with another plan than it was begun with.
  package func requirePlan(hash: String, meaning: String?, remedy: String) throws(LedgerError) {
    guard !isOf(hash: hash, meaning: meaning) else { return }
    throw LedgerError(
      .planChanged, "the plan has changed since session \(id) of \(name) started",
      place: "started with \(planHash.prefix(12)), now \(hash.prefix(12))", remedy: remedy)
  }

  /// Whether it may load rows that an earlier session has loaded: it was begun with `--force`.
  package var mayLoadAgain: Bool { settings[Self.loadsAgain] == .bool(true) }

  /// The setting of a session that may load rows again.
  package static let loadsAgain = "loadsAgain"

  /// How it is called to people: by its number, and by its name if it has one; a part by what it is of.
  public var label: String {
    "session \(id)" + ((title ?? (isPart ? "a part: \(name)" : nil)).map { " (\($0))" } ?? "")
  }
}

/// What a session is opened with.
package struct SessionRequest: Sendable {
  package let name: String
  package let plan: String
  package let planHash: String
  package let settings: JSONValue
  /// What people call it.
  package var title: String?
  /// Whether to give up an open session of that name instead of continuing with it.
  package let fresh: Bool
  /// `Plan.meaning` of the plan.
  package var planMeaning: String?
  /// The schema that its tables are in.
  package var targetSchema: String?
  /// The plan's tables.
  package var tables: [String] = []

  package init(
    name: String, plan: String, planHash: String, settings: JSONValue = [:], fresh: Bool = false
  ) {
    (self.name, self.plan, self.planHash) = (name, plan, planHash)
    (self.settings, self.fresh) = (settings, fresh)
  }

  /// Asks for a session of a plan, under the plan's name or that of a part.
  package init(
    _ plan: Plan, name: String? = nil, settings: JSONObject = JSONObject(), fresh: Bool = false
  ) {
    var known = plan.hashKeyNote
    known[Session.stopAtSetting] = .double(plan.limits.stopErrorShare)
    for member in settings.members { known[member.key] = member.value }
    self.init(
      name: name ?? plan.name, plan: plan.name, planHash: plan.hash, settings: .object(known),
      fresh: fresh)
    (planMeaning, targetSchema) = (plan.meaning, plan.target.schema)
    tables = plan.tables.map(\.name)
  }
}

/// Who is at work: what a run introduces itself with.
package struct RunIdentity: Sendable, Hashable {
  package let host: String
  package let process: Int
  package let command: String
  package let version: String

  package init(host: String, process: Int, command: String, version: String) {
    (self.host, self.process) = (host, process)
    (self.command, self.version) = (command, version)
  }
}

/// One process's try at a session.
public struct Run: Sendable, Hashable {
  public enum Ending: String, Sendable, CaseIterable {
    case completed
    /// Stopped after the current chunks; the rest is to do.
    case paused
    /// Stopped by a safety limit.
    case stopped
    case failed
    case interrupted
    /// It ended without saying so; the next run wrote this.
    case lost
  }

  public let id: RunID
  public let session: SessionID
  package let identity: RunIdentity
  package let started: Moment
  package let heartbeat: Moment
  package let ended: Moment?
  public let ending: Ending?
  public let note: String?
  /// What its process took when it was last heard of; nil for one that was never asked.
  package let memory: ProcessMemory?
}
