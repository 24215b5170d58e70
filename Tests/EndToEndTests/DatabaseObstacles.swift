import Foundation
import Glibc
import TestSupport

/// A table that another session has locked, until the end or for ten minutes.
final class TableLock {
  private let pid: pid_t
  private let database: TemporaryDatabase
  private var hasEnded = false

  /// - Parameter mode: the lock's mode and its name in `pg_locks`; by default it excludes readers too.
  init(
    _ table: String, _ database: TemporaryDatabase,
    mode: (sql: String, name: String) = ("access exclusive", "AccessExclusiveLock")
  ) throws {
    self.database = database
    let sql = "begin; lock table \(table) in \(mode.sql) mode; select pg_sleep(600)"
    pid = try spawn(
      [psqlProgram, "-X", "-q", "-d", database.url, "-c", sql],
      ProcessInfo.processInfo.environment, output: "/dev/null", errors: "/dev/null")
    try eventually("the lock on \(table)") {
      try psql(
        database.url,
        "select count(*) from pg_locks where relation = '\(table)'::regclass and granted "
          + "and mode = '\(mode.name)' and \(ofThisDatabase)"
      ) == "1"
    }
  }

  /// Ends the session that holds it; its client ends with it.
  func end() throws {
    hasEnded = true
    try psql(
      database.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'begin; lock table%' and datname = current_database()"
    )
    _ = waitForEnd(of: pid, until: .now + .seconds(120))
  }

  deinit { if !hasEnded { try? end() } }
}

/// Copies of a database have the same numbers of tables in them.
private let ofThisDatabase =
  "database = (select oid from pg_database where datname = current_database())"

/// Waits until a session waits for a lock on a table.
func waitForLockRequest(_ table: String, _ database: TemporaryDatabase) throws {
  try eventually("somebody who waits for \(table)") {
    try number(
      database,
      "select count(*) from pg_locks where relation = '\(table)'::regclass and not granted "
        + "and \(ofThisDatabase)") > 0
  }
}

/// A role that may read every table of a database's schema public, and no more.
final class ReadingRole {
  let name: String
  /// The database's address for the role.
  let url: String
  private let database: TemporaryDatabase

  init(of database: TemporaryDatabase, schemas: String = "public") throws {
    self.database = database
    name = "reader_\(database.name)"
    try psql(
      database.url,
      """
      create role "\(name)" login password 'x'; grant usage on schema \(schemas) to "\(name)";
      grant select on all tables in schema \(schemas) to "\(name)"
      """)
    var components = URLComponents(string: database.url) ?? URLComponents()
    (components.user, components.password) = (name, "x")
    url = components.string ?? ""
  }

  deinit { _ = try? psql(database.url, "drop owned by \"\(name)\"; drop role \"\(name)\"") }
}
