import MigrationBasics

/// Every key that a plan's file may hold, by the kind of object that holds it.
///
/// The reader, its suggestions and the test of `config/plan.schema.json` all go by these lists.
enum PlanWords {
  static let plan = [
    "$schema", "name", "title", "source", "target", "limits", "thresholds", "triggers", "phases",
    "tables", "rules", "queries", "settings",
  ]
  /// The settings that a plan may hold.
  static let settings = Settings.all.filter(\.mayStandInPlan).map(\.name)
  static let source = ["kind", "setting", "schema", "timeZone"]
  static let target = ["setting", "schema"]
  static let limits = [
    "warnAt", "stopAt", "leastRows", "acceptRejects", "rejects", "time", "memory",
  ]
  static let thresholds = ["quality", "critical", "schema", "roundTrip", "quarantined"]
  static let triggers = Triggers.Kind.allCases.map(\.rawValue) + ["rollback"]
  /// What describes a feed; on a table with several feeds, what they share.
  static let feed = ["from", "key", "where", "sameColumns", "columns", "ignore", "each", "missing"]
  static let table =
    ["command", "phase", "chunk", "loading", "merge", "unique", "checks", "feeds"] + feed
  static let businessRule = [
    "table", "group", "severity", "that", "offenders", "message", "repair",
  ]
  static let timedQuery = ["sql", "arguments", "limit"]
  static let loading = ["setAside"]
  static let check = ["that", "orElse"]

  static let condition = conditionTests + ["from"] + conditionLinks
  static let conditionTests = ["is", "isNull", "startsWith", "atMost"]
  static let conditionLinks = ["not", "all", "any"]

  static let rule = RuleHead.allCases.flatMap(\.words) + StepWord.allCases.flatMap(\.words)
  static let booleanStep = ["yes", "no", "orElse"]
  static let numberStep = ["decimal", "grouping", "orElse"]
  static let dateStep = ["formats", "timeZone", "orElse"]
  static let boundStep = ["value", "orElse"]
  static let listStep = ["values", "orElse"]
}

/// Where a rule's value comes from: each rule has exactly one of these keys.
enum RuleHead: String, CaseIterable {
  case from, value, runTime, element, object, array, concat, reference, when

  /// The keys that go with this one.
  var companions: [String] {
    switch self {
    case .concat: ["separator"]
    case .reference: ["by", "result", "orphan"]
    case .when: ["then", "else"]
    case .from, .value, .runTime, .element, .object, .array: []
    }
  }

  var words: [String] { [rawValue] + companions }
}

/// The steps that a rule may name, in the order in which they are applied, however they are written.
enum StepWord: String, CaseIterable {
  case path
  case nul, trim, collapseBlanks, emptyToNull, lowercase, uppercase
  case map
  case phone, email, boolean, number, date
  case id
  case round, min, max, oneOf, currency
  case truncate, hash, mask
  case `default`, required

  /// The keys of the step: its own, and what says more about it.
  var words: [String] { self == .map ? [rawValue, "unmapped"] : [rawValue] }
}
