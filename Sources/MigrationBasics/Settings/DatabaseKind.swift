import Mongo
import Synchronization

extension DatabaseURL {
  /// A kind of database or of files: how its addresses are recognized and read, and what rows it has.
  public struct Kind: Hashable, Sendable {
    /// What sets the addresses of a kind apart.
    package struct Traits: OptionSet, Sendable {
      package let rawValue: Int
      package init(rawValue: Int) { self.rawValue = rawValue }

      /// Files of this machine, which no server answers for.
      package static let files = Traits(rawValue: 1)
      /// Its rows are documents, and not rows with columns.
      package static let documents = Traits(rawValue: 2)
      /// Migrations can write into it, so that it may be the target's own database.
      package static let target = Traits(rawValue: 4)
      /// The driver has no usual host, and takes no password without a user and none with a ":".
      package static let strictLogin = Traits(rawValue: 8)
      /// The driver takes no notice of options that it does not know, and says nothing.
      package static let ignoresOptions = Traits(rawValue: 16)
    }

    /// One word, for programs; of files, what may stand before a path: `dump:/path`.
    public let name: String
    /// The name of the product, for messages.
    public let product: String
    /// What stands before `://`.
    let schemes: [String]
    /// The word by which plans that read from it say so: `source: { kind: … }`.
    package let plan: String
    let traits: Traits
    /// What an address is, for advice: `a postgres:// URL`.
    package let address: String
    /// What an address is, with the form of one.
    let expected: String
    package let usualPort: Int?
    /// The names of the driver's options, in small letters.
    let options: @Sendable () -> Set<String>

    package init(
      name: String, product: String, schemes: [String] = [], plan: String, traits: Traits = [],
      address: String, expected: String, usualPort: Int? = nil,
      options: @escaping @Sendable () -> Set<String> = { [] }
    ) {
      (self.name, self.product, self.schemes, self.plan) = (name, product, schemes, plan)
      (self.traits, self.address, self.expected) = (traits, address, expected)
      (self.usualPort, self.options) = (usualPort, options)
    }

    /// Whether its rows are documents, and not rows with columns.
    public var hasDocuments: Bool { traits.contains(.documents) }
    /// Whether it is files of this machine, which no server answers for.
    public var isFile: Bool { traits.contains(.files) }
    /// Whether migrations can write into it.
    package var canBeTarget: Bool { traits.contains(.target) }

    public static func == (one: Kind, other: Kind) -> Bool { one.name == other.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }
}

// The table of kinds.
extension DatabaseURL.Kind {
  /// Those of the program itself, which its help names.
  static let builtIn: [Self] = [.postgres, .mongo, .dump]

  public static let postgres = Self(
    name: "postgres", product: "PostgreSQL", schemes: ["postgres", "postgresql"],
    plan: "postgres", traits: .target, address: "a postgres:// URL",
    expected: "the URL of a PostgreSQL database (postgres://…)", usualPort: 5432,
    options: { URLParameter.postgres })

  public static let mongo = Self(
    name: "mongo", product: "MongoDB", schemes: ["mongodb", "mongodb+srv"], plan: "mongo",
    traits: [.documents, .strictLogin, .ignoresOptions], address: "a mongodb:// URL",
    expected: "the URL of a MongoDB database (mongodb://…)", usualPort: 27017,
    options: { MongoURL.knownOptions })

  /// What mongodump wrote.
  public static let dump = Self(
    name: "dump", product: "mongodump files", plan: "mongo", traits: [.documents, .files],
    address: "the path of a dump", expected: "the path of a dump (/… or ./…)")

  private static let added = Mutex<[Self]>([])

  /// Every kind there is.
  package static var all: [Self] { builtIn + added.withLock { $0 } }

  /// Adds a kind that is none of the program's own.
  package static func register(_ kind: Self) {
    added.withLock { if !$0.contains(kind) { $0.append(kind) } }
  }

  static func of(scheme: Substring) -> Self? {
    all.first { $0.schemes.contains(scheme.lowercased()) }
  }

  /// The kind of files whose name stands before a path.
  static func before(path text: String) -> Self? {
    all.first { $0.isFile && text.hasPrefix($0.name + ":") }
  }
}
