/// A request that the ledger refuses, or a fault that it found in itself or in its files.
public struct LedgerError: Error, Sendable, Hashable {
  /// What kind of refusal it is; more kinds may come.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    init(_ name: String) { description = name }

    /// There is no ledger in the database.
    public static let notInstalled = Code("ledgerMissing")
    /// A newer version of the program wrote the ledger.
    public static let newerLedger = Code("ledgerNewer")
    /// Another migration holds the target.
    public static let heldByAnother = Code("targetHeld")
    /// The call needs the migration lock, and this connection does not hold it.
    public static let lockNotHeld = Code("lockNotHeld")
    /// Another run has taken over since; this one may claim nothing any more.
    public static let runSuperseded = Code("runSuperseded")
    /// The session was begun with another plan.
    public static let planChanged = Code("planChanged")
    /// There is no such session, table, chunk or row.
    public static let unknown = Code("unknown")
    /// A feed's chunks are there already, or come out of order.
    public static let alreadyPlanned = Code("alreadyPlanned")
    /// A chunk was completed that was not this transaction's to complete.
    public static let chunkNotPending = Code("chunkNotPending")
    /// A chunk's rows do not add up.
    public static let unbalanced = Code("unbalanced")
    /// The checkpoint file can't be understood.
    public static let checkpointDamaged = Code("checkpointDamaged")
    /// The checkpoint file belongs to another migration.
    public static let checkpointForeign = Code("checkpointForeign")
    /// A newer version of the program wrote the checkpoint file.
    public static let checkpointNewer = Code("checkpointNewer")
    /// A file could not be read or written.
    public static let fileProblem = Code("fileProblem")
    /// A value in the ledger can't be understood.
    public static let ledgerDamaged = Code("ledgerDamaged")
    /// An object that was set aside is there again, but different.
    public static let restoreConflict = Code("restoreConflict")
  }

  public let code: Code
  public let what: String
  public let place: String?
  public let remedy: String?
  /// Who holds the target, where `code` is `heldByAnother`.
  public let holder: LockHolder?

  init(
    _ code: Code, _ what: String, place: String? = nil, remedy: String? = nil,
    holder: LockHolder? = nil
  ) {
    (self.code, self.what, self.place) = (code, what, place)
    (self.remedy, self.holder) = (remedy, holder)
  }

  /// The same failure as commands tell it.
  public var migrationError: MigrationError {
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
  public var description: String {
    [what, place, remedy].compactMap { $0 }.joined(separator: "; ")
  }
}
