import Postgres

/// An index or a constraint that is taken off a table for the time of its load.
public struct SetAsideObject: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// An index of its own, unique or not.
    case index
    /// A UNIQUE constraint with its index.
    case unique
    case primaryKey = "primary key"
    case foreignKey = "foreign key"
  }

  public enum Status: String, Sendable, CaseIterable {
    /// In the ledger, and still on the table, unless a crash came right after the drop.
    case recorded
    /// Off the table.
    case dropped
    /// Its index stands but is not attached yet, or its foreign key is not validated yet.
    case built
    case restored
    /// Given up by someone's decision.
    case forgotten
  }

  /// The ledger's number; zero before it is recorded.
  public let id: Int
  public let table: QualifiedName
  public let kind: Kind
  public let name: String
  /// As `pg_get_indexdef` writes it with nothing but `pg_catalog` in the search path.
  public let indexDefinition: String?
  /// As `pg_get_constraintdef` writes it with nothing but `pg_catalog` in the search path.
  public let constraintDefinition: String?
  public let details: Details
  public let status: Status

  /// What the definitions do not say.
  public struct Details: Sendable, Hashable {
    public var indexComment: String?
    public var constraintComment: String?
    /// Nil is the database's own tablespace.
    public var tablespace: String?
    public var isClustered = false
    public var isReplicaIdentity = false
    /// Statistics targets of the index's columns, by their number.
    public var statistics: [Int: Int] = [:]
    public var isDeferrable = false
    public var isInitiallyDeferred = false
    /// Whether a foreign key was validated; one that was not stays so.
    public var isValidated = true
    /// The table that a foreign key refers to.
    public var referenced: QualifiedName?
  }

  /// Whether it is the same object, to the letter of its definitions.
  func isSame(as other: SetAsideObject) -> Bool {
    indexDefinition == other.indexDefinition
      && constraintDefinition == other.constraintDefinition && details == other.details
  }
}

/// An index or constraint that stays on the table during the load, and why.
public struct KeptObject: Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    case invalidIndex
    /// A part of a partitioned or inherited structure.
    case partitioned
    /// An exclusion constraint or another form that can't be attached to a ready index.
    case notAttachable
    /// Something else in the database needs it; by name.
    case neededBy(String)
    /// The role that migrates is not the owner of a table that it belongs to.
    case notOwner
    /// A constraint whose inner triggers were switched off or changed by hand.
    case triggersChanged
    /// It belongs to an extension, or depends on one.
    case extensionMember
    /// The role could drop it, and could not build it again; the rights that it lacks.
    case rightsMissing([String])

    static func missingRights(_ rights: [RebuildRight]) -> Reason? {
      let texts = Set(rights.map(\.text)).sorted()
      return texts.isEmpty ? nil : .rightsMissing(texts)
    }
  }
  public let name: String
  public let reason: Reason
}

extension KeptObject.Reason {
  /// Why it has to stay, for people.
  var text: String {
    switch self {
    case .invalidIndex: "its index is not valid"
    case .partitioned: "it belongs to a partitioned or inherited table"
    case .notAttachable: "it could not be put back in the same form"
    case .neededBy(let other): "\(other) needs it"
    case .notOwner: "the role of the connection is not the owner of the tables"
    case .triggersChanged: "its triggers were changed by hand"
    case .extensionMember: "it belongs to an extension"
    case .rightsMissing(let rights):
      "the role lacks what building it again takes: \(rights.joined(separator: ", "))"
    }
  }
}

/// What to take off a table.
public struct SetAsideChoice: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Indexes that enforce nothing.
  public static let plainIndexes = SetAsideChoice(rawValue: 1)
  /// Unique indexes and UNIQUE constraints: only where duplicates were found another way before.
  public static let uniqueness = SetAsideChoice(rawValue: 2)
  public static let primaryKey = SetAsideChoice(rawValue: 4)
  public static let foreignKeys = SetAsideChoice(rawValue: 8)
  /// Foreign keys of other tables that refer to this one.
  public static let incomingForeignKeys = SetAsideChoice(rawValue: 16)

  /// What can go without a duplicate or second row getting in.
  public static let usual: SetAsideChoice = [.plainIndexes, .foreignKeys, .incomingForeignKeys]
}
