import MigrationBasics

/// A request that the ledger refuses, or a fault that it found in itself or in the checkpoint file.
package struct LedgerError: Error, Sendable, Hashable {
  /// What kind of refusal it is; more kinds may come.
  package struct Code: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    package init(_ name: String) { description = name }

    /// There is no ledger in the database.
    package static let notInstalled = Code("ledgerMissing")
    /// A newer version of the program wrote the ledger.
    package static let newerLedger = Code("ledgerNewer")
    /// Another migration holds the target.
    package static let heldByAnother = Code("targetHeld")
    /// The call needs the migration lock, and this connection does not hold it.
    package static let lockNotHeld = Code("lockNotHeld")
    /// Another run has taken over since; this one may claim nothing any more.
    package static let runSuperseded = Code("runSuperseded")
    /// The session was begun with another plan.
    package static let planChanged = Code("planChanged")
    /// There is no such session, table, chunk or row.
    package static let unknown = Code("unknown")
    /// A feed's chunks are there already, or come out of order.
    package static let alreadyPlanned = Code("alreadyPlanned")
    /// A chunk was completed that was not this transaction's to complete.
    package static let chunkNotPending = Code("chunkNotPending")
    /// A chunk's rows do not add up.
    package static let unbalanced = Code("unbalanced")
    /// The checkpoint file can't be understood.
    package static let checkpointDamaged = Code("checkpointDamaged")
    /// The checkpoint file belongs to another migration.
    package static let checkpointForeign = Code("checkpointForeign")
    /// A newer version of the program wrote the checkpoint file.
    package static let checkpointNewer = Code("checkpointNewer")
    /// A value in the ledger can't be understood.
    package static let ledgerDamaged = Code("ledgerDamaged")
    /// An object that was suspended is there again, but different.
    package static let restoreConflict = Code("restoreConflict")
  }

  package let code: Code
  package let what: String
  package let place: String?
  package let remedy: String?
  /// Who holds the target, if `code` is `heldByAnother`.
  package let holder: LockHolder?

  package init(
    _ code: Code, _ what: String, place: String? = nil, remedy: String? = nil,
    holder: LockHolder? = nil
  ) {
    (self.code, self.what, self.place) = (code, what, place)
    (self.remedy, self.holder) = (remedy, holder)
  }

  /// The same failure as commands report it.
  package var migrationError: MigrationError {
    let kind: MigrationError.Kind =
      switch code {
      case .checkpointDamaged, .ledgerDamaged, .unbalanced: .coded(.corruption)
      case .notInstalled, .newerLedger, .restoreConflict: .coded(.schema)
      case .planChanged, .checkpointForeign, .checkpointNewer: .configuration
      default: .failed
      }
    return MigrationError(
      kind, what, reason: code.description, place: place, remedy: remedy)
  }
}

extension LedgerError: CustomStringConvertible {
  package var description: String {
    [what, place, remedy].compactMap { $0 }.joined(separator: "; ")
  }
}
