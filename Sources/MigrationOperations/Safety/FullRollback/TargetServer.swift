import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// The server of the target, by a connection to another database of it: the target changes its name.
package struct TargetServer {
  package let place: PostgresPlace
  /// The target's name.
  package let target: String
  package let connection: Connection

  init(_ place: PostgresPlace) throws {
    self.place = place
    target = try place.url.database ?? place.connect().facts.database
    connection = try Self.connect(place, apartFrom: target)
    try connection.execute("SET statement_timeout = 0; SET lock_timeout = '30s'")
    connection.endStatementsWithProgram()
  }

  private static func connect(_ place: PostgresPlace, apartFrom target: String) throws -> Connection
  {
    var problems: [String] = []
    for name in FullRollbackMark.otherDatabases(apartFrom: target) {
      do { return try place.other(name).connect() } catch {
        problems.append((error as? MigrationError)?.what ?? "\(error)")
      }
    }
    throw MigrationError(
      .coded(.connection),
      "could not connect to another database of the server: \(problems.joined(separator: "; "))",
      reason: "noOtherDatabase", place: place.url.redacted,
      remedy:
        "to rename the target, migrate connects to another database: allow the role to connect "
        + "(GRANT CONNECT ON DATABASE postgres TO …), and see pg_hba.conf")
  }

  package func mark() throws -> FullRollbackMark? {
    try FullRollbackMark.find(connection, target: target)
  }

  /// Takes the lock on the target's full rollback, and reads its mark as it is then; nil if there is none.
  func lockedMark() throws -> FullRollbackMark? {
    let before = try mark()
    guard let number = try before?.database ?? number(of: target) else {
      throw MigrationError(.coded(.rollback), "the target database does not exist", place: target)
    }
    try FullRollbackLock.take(connection, number, last: before?.state)
    return try mark()
  }

  /// The number of a database; nil if there is none of that name.
  package func number(of database: String) throws -> Int? {
    try connection.query(
      "SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = $1", [database]
    ).rows.first?.int(0)
  }

  /// Returns a name next to the target's that no database has, within the server's limit.
  func freeName(_ word: String, at moment: Moment) throws -> String {
    let stamp = moment.description.prefix(19).filter(\.isNumber)
    for number in 1...9 {
      let suffix = "_\(word)_\(stamp)" + (number == 1 ? "" : "_\(number)")
      var base = target
      while base.utf8.count + suffix.utf8.count > SQL.longestIdentifier { base.removeLast() }
      if try self.number(of: base + suffix) == nil { return base + suffix }
    }
    throw MigrationError(
      .failed, "every name for a database next to the target is taken", place: target)
  }

  /// Whether a drop of a database was broken off, after which the server ends every session that does anything to it
  /// but drop it; nil if there is none of that name.
  private func isInvalid(_ database: String) throws -> Bool? {
    try connection.query(
      "SELECT datconnlimit = -2 FROM pg_catalog.pg_database WHERE datname = $1", [database]
    ).rows.first?.bool(0)
  }

  /// Ends the sessions of a database and drops it; one that is not there is fine.
  package func drop(_ database: String) throws {
    guard let isInvalid = try isInvalid(database) else { return }
    let name = try SQL.identifier(database)
    if !isInvalid {
      try connection.execute(
        "ALTER DATABASE \(name) IS_TEMPLATE false; ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
    }
    try DatabaseSessions(connection, database).clear(disconnects: true)
    try connection.execute("DROP DATABASE IF EXISTS \(name)")
  }
}
