/// What a backup of a PostgreSQL database is to be.
public struct BackupRequest: Sendable {
  public var contents: BackupManifest.Contents = .all
  /// The tables whose rows are wanted, for `tables`: with their schema, unless that is `public`.
  public var tables: [String] = []
  /// `target` or `source`.
  public var role: DatabaseRole = .target
  /// How many tables are dumped side by side.
  public var jobs = 1
  /// From 0, none, to 9.
  public var compression = 6
  public var note: String?
  public var plan: String?
  public var ledgerSchema = Ledger.defaultSchema

  public init() {}
}
