import MigrationCore
import Postgres

/// The ledger of the target with the newest session in it, for commands that read what has happened.
struct OpenLedger {
  let ledger: Ledger
  let session: Session
  let settings: Settings
  let console: Console

  init(_ invocation: Invocation) throws {
    (settings, console) = try invocation.settingsAndConsole()
    let connection = try Databases(settings).target()
    ledger = try Ledger(connection, schema: settings.value(.ledgerSchema))
    guard try Self.isThere(ledger), let latest = try ledger.latestSession() else {
      throw MigrationError(
        .failed, "no migration was begun in this target", place: connection.facts.database,
        remedy: "begin one: migrate run")
    }
    session = latest
  }

  /// The name of a table of the session, given by its name or by its command.
  func tableName(_ given: String?) throws -> String? {
    try Self.tableName(given, session, ledger)
  }

  /// Returns whether there is a ledger that can be read.
  ///
  /// - Throws: An error if it is of another version, for then it is there and can't be read.
  static func isThere(_ ledger: Ledger) throws -> Bool {
    switch try ledger.condition() {
    case .current: return true
    case .absent: return false
    case .older(let version):
      throw MigrationError(
        .coded(.schema), "the ledger is of an older version, \(version)",
        place: "schema \(ledger.schema)", remedy: "a run brings it up to date: migrate run")
    case .newer:
      try ledger.requireInstalled()
      return false
    }
  }

  static func tableName(
    _ given: String?, _ session: Session, _ ledger: Ledger
  ) throws -> String? {
    guard let given else { return nil }
    let known = try ledger.tables(session: session.id).map(\.name)
    let wanted = given.replacing("-", with: "_")
    if let found = known.first(where: { $0 == given || $0 == wanted }) { return found }
    throw MigrationError(
      .configuration,
      "the migration has no table \(given)\(suggestion(for: given, in: known))",
      remedy: "it has: \(known.joined(separator: ", "))")
  }
}
