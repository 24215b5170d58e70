import MigrationBasics
import Postgres

/// The state of a full rollback as it is in the server, with the database that bears it.
package struct FullRollbackMark: Sendable {
  package var state: FullRollbackState
  /// The number of the previous database, which stays through all changes of names.
  package let database: Int
  /// The name that it has now.
  package let name: String
  /// Whether a program is at work on it.
  package let isHeld: Bool

  /// Whether the restored database has the target's name.
  package var isSwapped: Bool { name == state.aside }

  /// Finds the full rollback of a target, through whatever database of its server.
  package static func find(_ connection: Connection, target: String) throws -> FullRollbackMark? {
    let found = try connection.query(
      """
      SELECT d.oid::bigint, d.datname, s.description, EXISTS (\(FullRollbackLock.holders("d.oid")))
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_shdescription s ON s.objoid = d.oid
        AND s.classoid = 'pg_catalog.pg_database'::regclass
      WHERE pg_catalog.starts_with(s.description, $1) ORDER BY d.oid
      """, [FullRollbackState.prefix + "{"])
    for row in found.rows {
      let mark = try FullRollbackMark(row)
      if mark.state.target == target { return mark }
    }
    return nil
  }

  private init(_ row: QueryResult.Row) throws {
    (database, name, isHeld) = (row.number(0), row.string(1), row.bool(3) ?? false)
    do {
      state = try FullRollbackState(
        String(row.string(2).dropFirst(FullRollbackState.prefix.count)))
    } catch {
      throw MigrationError(
        .coded(.rollback), "could not parse the mark of a full rollback: \(error)",
        reason: "markDamaged", place: "the comment of the database \(name)",
        remedy:
          "use the program that wrote it; or find the right database, rename it to the target's "
          + "name, and remove the comment: COMMENT ON DATABASE … IS NULL")
    }
  }

  /// The statement that writes the state where it is.
  package static func statement(_ state: FullRollbackState, on database: String) throws -> String {
    let text = FullRollbackState.prefix + state.json.compact
    return "COMMENT ON DATABASE \(try SQL.identifier(database)) IS \(SQL.literal(text))"
  }

  /// The statement that gives the database its own comment back.
  package func clearing() throws -> String {
    let comment = state.comment.map(SQL.literal) ?? "NULL"
    return "COMMENT ON DATABASE \(try SQL.identifier(name)) IS \(comment)"
  }
}

extension FullRollbackMark {
  /// One word for programs.
  package static let reason = "fullRollback"

  /// Refuses a target while a full rollback of it has not ended.
  ///
  /// - Returns: the one that has restored the target and keeps the previous database.
  @discardableResult
  package static func refuse(_ connection: Connection) throws -> FullRollbackMark? {
    guard let mark = try find(connection, target: connection.facts.database) else { return nil }
    guard mark.state.isWaiting else { throw mark.refusal(place: connection.facts.database) }
    return mark
  }

  /// Finds the one that keeps a database from taking connections, through another of its server.
  package static func behind(_ error: PostgresError, at place: ConnectionString) -> MigrationError?
  {
    // So a database is refused that accepts no connections.
    guard error.sqlState == .objectNotReady, let target = place.database ?? place.user else {
      return nil
    }
    for other in Self.otherDatabases(apartFrom: target) {
      guard let beside = try? place.setting("dbname", to: other),
        let connection = try? Connection(to: beside),
        let mark = try? find(connection, target: target)
      else { continue }
      return mark.refusal(place: target)
    }
    return nil
  }

  /// The databases that every server has.
  package static func otherDatabases(apartFrom target: String) -> [String] {
    ["postgres", "template1"].filter { $0 != target }
  }

  package func refusal(place: String) -> MigrationError {
    let what =
      "a full rollback of this database to \(state.backup) was started \(state.begun) by \(state.begunBy)"
    if isHeld {
      return MigrationError(
        .coded(.rollback), "\(what) and is running (\(state.host), process \(state.process))",
        reason: Self.reason, place: place, remedy: "wait until it ends")
    }
    let ending = state.isWaiting ? " and waits for its commit" : " and did not end"
    return MigrationError(
      .coded(.rollback), what + ending, reason: Self.reason, place: place, remedy: state.next)
  }
}
