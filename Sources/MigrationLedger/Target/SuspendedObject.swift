import MigrationPlan
import Postgres

/// An index or a constraint that is suspended for the time of its load.
package struct SuspendedObject: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// An index of its own, unique or not.
    case index
    /// A UNIQUE constraint with its index.
    case unique
    case primaryKey = "primary key"
    case foreignKey = "foreign key"
  }

  package enum Status: String, Sendable, CaseIterable {
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
  package let id: Int
  package let table: QualifiedName
  package let kind: Kind
  package let name: String
  /// As `pg_get_indexdef` writes it with nothing but `pg_catalog` in the search path.
  package let indexDefinition: String?
  /// As `pg_get_constraintdef` writes it with nothing but `pg_catalog` in the search path.
  package let constraintDefinition: String?
  package let details: Details
  package let status: Status

  package init(
    id: Int, table: QualifiedName, kind: Kind, name: String, indexDefinition: String?,
    constraintDefinition: String?, details: Details, status: Status
  ) {
    self.id = id
    self.table = table
    self.kind = kind
    self.name = name
    self.indexDefinition = indexDefinition
    self.constraintDefinition = constraintDefinition
    self.details = details
    self.status = status
  }

  /// What the definitions do not say.
  package struct Details: Sendable, Hashable {
    package var indexComment: String?
    package var constraintComment: String?
    /// Nil is the database's own tablespace.
    package var tablespace: String?
    package var isClustered = false
    package var isReplicaIdentity = false
    /// Statistics targets of the index's columns, by their number.
    package var statistics: [Int: Int] = [:]
    package var isDeferrable = false
    package var isInitiallyDeferred = false
    /// Whether a foreign key was validated; one that was not stays so.
    package var isValidated = true
    /// The table that a foreign key refers to.
    package var referenced: QualifiedName?
  }

  /// Whether it is the same object, to the letter of its definitions.
  package func isSame(as other: SuspendedObject) -> Bool {
    indexDefinition == other.indexDefinition
      && constraintDefinition == other.constraintDefinition && details == other.details
  }
}

/// An index or constraint that stays on the table during the load, and why.
package struct KeptObject: Sendable, Hashable {
  package enum Reason: Sendable, Hashable {
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
  package let name: String
  package let reason: Reason
}

extension KeptObject.Reason {
  /// Why it has to stay, for people.
  package var text: String {
    switch self {
    case .invalidIndex: "its index is invalid"
    case .partitioned: "it belongs to a partitioned or inherited table"
    case .notAttachable: "it could not be rebuilt in the same form"
    case .neededBy(let other): "\(other) needs it"
    case .notOwner: "the role of the connection is not the owner of the tables"
    case .triggersChanged: "its triggers were changed by hand"
    case .extensionMember: "it belongs to an extension"
    case .rightsMissing(let rights):
      "the role lacks privileges to rebuild it: \(rights.joined(separator: ", "))"
    }
  }
}

/// What to suspend of a table.
package struct SetAsideChoice: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Indexes that enforce nothing.
  package static let plainIndexes = SetAsideChoice(rawValue: 1)
  /// Unique indexes and UNIQUE constraints: only if duplicates were found another way before.
  package static let uniqueness = SetAsideChoice(rawValue: 2)
  package static let primaryKey = SetAsideChoice(rawValue: 4)
  package static let foreignKeys = SetAsideChoice(rawValue: 8)
  /// Foreign keys of other tables that refer to this one.
  package static let incomingForeignKeys = SetAsideChoice(rawValue: 16)

  /// What can go without a duplicate or second row getting in.
  package static let usual: SetAsideChoice = [.plainIndexes, .foreignKeys, .incomingForeignKeys]
}
