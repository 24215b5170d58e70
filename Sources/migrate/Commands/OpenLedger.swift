import MigrationCore
import Postgres

/// The ledger of the target with its newest session, for commands that read it.
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
        .failed, "this target has no migration", place: connection.facts.database,
        remedy: "start one: migrate run")
    }
    session = latest
  }

  /// Returns the name of a table of the session, given by its name or by its command.
  func tableName(_ given: String?) throws -> String? {
    try Self.tableName(given, session, ledger)
  }

  /// Whether the target has a ledger.
  ///
  /// - Throws: An error if the ledger has another version.
  static func isThere(_ ledger: Ledger) throws -> Bool {
    switch try ledger.condition() {
    case .current: return true
    case .absent: return false
    case .older(let version):
      throw MigrationError(
        .coded(.schema), "the ledger has an older version, \(version)",
        place: "schema \(ledger.schema)", remedy: "upgrade it: migrate run")
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
      "table \"\(given)\" is not in the migration", remedy: Hint.nearest(to: given, in: known))
  }
}
