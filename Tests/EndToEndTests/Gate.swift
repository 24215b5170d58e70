import Foundation
import Glibc
import MigrationCore
import TestSupport

/// Holds a migration at chosen rows of a target table until the test lets them through.
///
/// A check constraint makes the server wait at each such row. So a run that has to be at work is at
/// work, however slow or fast the machine is.
struct Gate {
  private let url: String
  private let table: String

  /// - Parameters:
  ///   - place: an SQL expression over a row, a whole number; by default the first byte of a uuid `id`.
  ///   - level: rows whose place is lower pass.
  init(
    _ table: String, _ url: String, place: String = "get_byte(uuid_send(id), 0)",
    level: Int = 128
  ) throws {
    (self.url, self.table) = (url, table)
    try psql(
      url,
      """
      create schema gate;
      create table gate.level (value int);
      insert into gate.level values (null);
      create function gate.pass(place int) returns boolean language plpgsql as $$ begin
        while place >= (select value from gate.level) loop perform pg_sleep(0.02); end loop;
        return true;
      end $$;
      alter table \(table) add constraint gate check (gate.pass(\(place)));
      """)
    try close(level)
  }

  /// Lets rows with lower places pass, and holds the others.
  func close(_ level: Int = 128) throws {
    try psql(url, "update gate.level set value = \(level)")
  }

  /// Lets all rows pass.
  func open() throws { try psql(url, "update gate.level set value = null") }

  /// Waits until so many sessions are at the gate.
  func waitForHeld(_ count: Int = 1) throws {
    try eventually("\(count) sessions at the gate of \(table)") {
      try psql(
        url,
        """
        select count(*) >= \(count) from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep' and query ~* '\\mcopy '
        """) == "t"
    }
  }

  /// Leaves the table as it was before; a session that a killed program has left at the gate gives it up.
  func remove() throws {
    try open()
    try psql(url, "alter table \(table) drop constraint gate; drop schema gate cascade")
  }
}

extension BackgroundRun {
  /// Waits until the run says that it heard the request to end, and then lets the current rows pass.
  func finishes(past gate: Gate) throws {
    try eventually("the run that heard the request") {
      errors.contains("the current chunks are finished first")
    }
    try gate.open()
  }
}

extension BackgroundRun {
  /// Sends Ctrl+C, and lets the current rows pass when the run has taken it, which it does without a word.
  func interrupt(past gate: Gate) throws {
    kill(pid, SIGINT)
    try eventually("the run that takes the signal") {
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      let pending = status.firstMatch(of: /ShdPnd:\s+([0-9a-f]+)/).flatMap {
        UInt64($0.1, radix: 16)
      }
      return pending.map { $0 & 1 << (SIGINT - 1) == 0 } ?? true
    }
    usleep(200_000)
    try gate.open()
  }
}

extension BackgroundRun {
  /// Sends a signal to a run that is at a gate, and lets the current rows pass when the run has said that it ends.
  func stop(at gate: Gate, by signal: Int32 = SIGINT) throws {
    try gate.waitForHeld()
    Glibc.kill(pid, signal)
    try finishes(past: gate)
  }

  /// Kills the run at a gate, and takes the gate away.
  func killHeld(at gate: Gate) throws {
    try gate.waitForHeld()
    Glibc.kill(pid, SIGKILL)
    _ = end()
    try gate.remove()
  }
}

extension Migrate {
  /// Runs a command that waits for the end of a run that is at a gate.
  func json(
    _ line: String, ending run: BackgroundRun, past gate: Gate
  ) throws -> (exitCode: Int32, document: JSONValue) {
    let command = try BackgroundRun(self, line + " --json")
    try run.finishes(past: gate)
    let exitCode = command.end()
    return (exitCode, try JSONValue.parse(command.output))
  }
}
