/// One named migration, from its start to its completion, over any number of runs.
public struct Session: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    case open
    case completed
    /// Given up for a fresh start.
    case abandoned
  }

  public let id: Int
  /// What tells the sessions of a plan and those of parts of its rows apart.
  public let name: String
  /// What people call it; nil where nobody gave it a name.
  public let title: String?
  public let plan: String
  public let planHash: String
  /// The moment that rules write as "time of the run": the session's start, for ever the same.
  public let runTime: Moment
  /// The settings that the session was begun with, and what was configured since.
  public let settings: JSONValue
  public let status: Status
  public let ended: Moment?
  /// Who began it, as `user@host`; nil where that was not noted.
  public let startedBy: String?
  /// Whether an earlier run began it.
  public let isContinued: Bool
  /// The key of the fingerprints of its rows; nil where the session is older than fingerprints.
  let fingerprintKey: [UInt8]?
  /// `Plan.meaning` of its plan; nil where the session is older than that.
  let planMeaning: String?

  /// Whether it moves a part of the rows (`--limit`, `--where`), beside the migration of the plan as a whole.
  public var isPart: Bool { name != plan }

  /// Whether a plan says what its plan said when it began; comments and blanks may differ.
  func isOf(hash: String, meaning: String?) -> Bool {
    planHash == hash || planMeaning != nil && planMeaning == meaning
  }

  /// Refuses to go on with another plan than it was begun with.
  func requirePlan(hash: String, meaning: String?, remedy: String) throws(LedgerError) {
    guard !isOf(hash: hash, meaning: meaning) else { return }
    throw LedgerError(
      .planChanged, "the plan has changed since session \(id) of \(name) began",
      place: "begun with \(planHash.prefix(12)), now \(hash.prefix(12))", remedy: remedy)
  }

  /// Whether it may load rows that an earlier session has loaded: somebody began it with `--force`.
  var mayLoadAgain: Bool { settings[Self.loadsAgain] == .bool(true) }

  /// The setting of a session that may load rows again.
  static let loadsAgain = "loadsAgain"

  /// How it is called to people: by its number, and by its name if it has one; a part by what it is of.
  public var label: String {
    "session \(id)" + ((title ?? (isPart ? "a part: \(name)" : nil)).map { " (\($0))" } ?? "")
  }
}

/// What a session is opened with.
public struct SessionRequest: Sendable {
  public let name: String
  public let plan: String
  public let planHash: String
  public let settings: JSONValue
  /// What people call it.
  public var title: String?
  /// Whether to give up an open session of that name instead of going on with it.
  public let fresh: Bool
  /// `Plan.meaning` of the plan.
  public var planMeaning: String?
  /// The schema that its tables are in.
  public var targetSchema: String?
  /// The plan's tables.
  var tables: [String] = []

  public init(
    name: String, plan: String, planHash: String, settings: JSONValue = [:], fresh: Bool = false
  ) {
    (self.name, self.plan, self.planHash) = (name, plan, planHash)
    (self.settings, self.fresh) = (settings, fresh)
  }

  /// Asks for a session of a plan, under the plan's name or that of a part.
  init(_ plan: Plan, name: String? = nil, settings: JSONObject = JSONObject(), fresh: Bool = false)
  {
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
public struct RunIdentity: Sendable, Hashable {
  public let host: String
  public let process: Int
  public let command: String
  public let version: String

  public init(host: String, process: Int, command: String, version: String) {
    (self.host, self.process) = (host, process)
    (self.command, self.version) = (command, version)
  }
}

/// One process's try at a session.
public struct Run: Sendable, Hashable {
  public enum Ending: String, Sendable, CaseIterable {
    case completed
    /// Stopped after the chunks in hand; the rest is to do.
    case paused
    /// Stopped by a safety limit.
    case stopped
    case failed
    case interrupted
    /// It ended without saying so; the next run wrote this.
    case lost
  }

  public let id: Int
  public let session: Int
  public let identity: RunIdentity
  public let started: Moment
  public let heartbeat: Moment
  public let ended: Moment?
  public let ending: Ending?
  public let note: String?
  /// What its process took when it was last heard of; nil for one that was never asked.
  public let memory: ProcessMemory?
}
