import MigrationBasics

/// What is to be moved: one migration, as its file in `config/` describes it.
///
/// A plan names tables, columns and rules; it knows neither connections nor rows. The reader
/// (`PlanReader`) makes one from JSON5, the compiler (`RowProgram`) turns a feed's rules into the
/// flat program that runs for each row.
public struct Plan: Sendable {
  public let name: String
  public let title: String
  /// The file that the plan was read from, as errors show it.
  public let file: String
  /// SHA-256 of the file's bytes, in hexadecimal.
  public let hash: String
  /// SHA-256 of what the file says of rows, without comments and blanks, limits and checks; nil for a plan that was not read from one.
  public let meaning: String?
  public let source: SourceSpec
  public package(set) var target: TargetSpec
  public package(set) var limits: Limits
  /// What has to hold before a migration may begin.
  public let thresholds: Thresholds
  /// What follows on its own when a migration goes wrong.
  public package(set) var triggers: Triggers
  /// What the phases are about, by their numbers; those without a title are omitted.
  public let phases: [Int: String]
  /// The tables, in the order in which they are loaded: referenced tables first.
  public let tables: [TablePlan]
  /// What the business demands of the target's rows.
  public package(set) var rules: [BusinessRule]
  /// What the application will ask of the target, with its limits.
  package var queries: [TimedQuery]
  /// Settings that the plan holds, by their names; every other place is stronger.
  public let settings: [String: String]
  /// The key of the digests that the step `hash` writes. It comes from the settings, never from the file.
  public var hashKey: [UInt8] = []
  /// Whether the changes in a dump's oplog may be omitted; from the settings.
  public var leavesOutOplog = false

  package init(
    name: String, title: String, file: String, hash: String, meaning: String? = nil,
    source: SourceSpec, target: TargetSpec,
    limits: Limits, thresholds: Thresholds = Thresholds(), triggers: Triggers = Triggers(),
    phases: [Int: String] = [:], tables: [TablePlan], rules: [BusinessRule] = [],
    queries: [TimedQuery] = [], settings: [String: String] = [:]
  ) {
    (self.name, self.title, self.file, self.hash) = (name, title, file, hash)
    (self.meaning, self.source, self.target, self.limits) = (meaning, source, target, limits)
    (self.thresholds, self.triggers) = (thresholds, triggers)
    (self.phases, self.tables) = (phases, tables)
    (self.rules, self.queries, self.settings) = (rules, queries, settings)
  }
}

extension Plan {
  /// The tables that the plan reads; none if it reads documents.
  package var sourceTables: [QualifiedName] {
    guard !source.kind.hasDocuments else { return [] }
    return tables.flatMap(\.feeds).map { QualifiedName(schema: source.schema, name: $0.from) }
  }
}

/// Where rows come from.
public struct SourceSpec: Sendable, Hashable {
  /// What a plan says of its source: the word for some kinds of address.
  public struct Kind: Sendable, Hashable {
    public let name: String
    /// Whether rows are documents, and not rows with columns.
    public let hasDocuments: Bool

    init(_ url: DatabaseURL.Kind) { (name, hasDocuments) = (url.plan, url.hasDocuments) }

    public static let postgres = Kind(.postgres)
    public static let mongo = Kind(.mongo)

    /// Every word there is.
    static var all: [Kind] {
      DatabaseURL.Kind.all.map(Kind.init).reduce(into: []) { found, kind in
        if !found.contains(kind) { found.append(kind) }
      }
    }

    /// The kinds of address that it is read from.
    package var addresses: [DatabaseURL.Kind] { DatabaseURL.Kind.all.filter { $0.plan == name } }
  }
  public let kind: Kind
  /// The setting that holds the URL, for instance `SOURCE_DATABASE_URL`.
  public let setting: String
  /// The schema of the source tables; PostgreSQL only.
  public let schema: String
  /// The zone of dates and times that name none, for instance `Europe/Prague`.
  public let timeZone: String

  public init(kind: Kind, setting: String, schema: String = "public", timeZone: String = "UTC") {
    (self.kind, self.setting, self.schema, self.timeZone) = (kind, setting, schema, timeZone)
  }
}

/// Where rows go.
public struct TargetSpec: Sendable, Hashable {
  public let setting: String
  public let schema: String

  public init(setting: String = "DATABASE_URL", schema: String = "public") {
    (self.setting, self.schema) = (setting, schema)
  }
}

/// When a run stops on its own.
public struct Limits: Sendable, Hashable {
  /// The share of rejected rows from which a warning is given.
  public let warnErrorShare: Double
  /// The share of rejected rows at which the run stops.
  public let stopErrorShare: Double
  /// A share of fewer rows of a table than this says nothing.
  public let leastRows: Int
  /// The share of a table's rows that may be quarantined in a run that is done all the same; nil accepts none.
  public let acceptedShare: Double?
  public let maximumRejects: Int?
  public let timeLimit: Duration?
  /// Bytes of memory that the program may take, if nothing else says so.
  public let memoryLimit: Int?

  public init(
    warnErrorShare: Double = 0.05, stopErrorShare: Double = 0.10, leastRows: Int = 1000,
    acceptedShare: Double? = nil, maximumRejects: Int? = nil, timeLimit: Duration? = nil,
    memoryLimit: Int? = nil
  ) {
    self.acceptedShare = acceptedShare
    (self.warnErrorShare, self.stopErrorShare) = (warnErrorShare, stopErrorShare)
    (self.leastRows, self.maximumRejects) = (leastRows, maximumRejects)
    (self.timeLimit, self.memoryLimit) = (timeLimit, memoryLimit)
  }
}
