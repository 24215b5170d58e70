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
    guard case .current = try ledger.condition(), let latest = try ledger.latestSession() else {
      throw MigrationError(
        .failed, "no migration was begun in this target", place: connection.facts.database,
        remedy: "begin one: migrate run")
    }
    session = latest
  }

  /// The name of a table of the session, given by its name or by its command.
  func tableName(_ given: String?) throws -> String? {
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
