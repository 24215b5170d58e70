import Foundation
import Glibc
import MigrationCore
import TestSupport

/// A migration that runs in the background while a test watches and steers it.
final class BackgroundRun {
  let pid: pid_t
  let outputFile: String
  let errorFile: String
  private var exitCode: Int32?

  /// Starts a command line in the folder and with the environment of another.
  init(_ migrate: Migrate, _ line: String) throws {
    outputFile = migrate.folder.path + "/output-\(UUID().uuidString)"
    errorFile = migrate.folder.path + "/errors-\(UUID().uuidString)"
    pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable()]
        + line.split(separator: " ").map(String.init), migrate.environment,
      output: outputFile, errors: errorFile)
  }

  /// Waits until the run has committed some chunks and has some to go.
  func waitForChunks(_ count: Int, in target: TemporaryDatabase) throws {
    try eventually("\(count) chunks") {
      try number(target, "select count(*) from migrate.chunk where status = 'done'") >= count
    }
  }

  func end(within time: Duration = .seconds(300)) -> Int32 {
    if let exitCode { return exitCode }
    let code = waitForEnd(of: pid, until: .now + time)
    exitCode = code
    return code
  }

  var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }
  var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

  deinit {
    if exitCode == nil {
      kill(pid, SIGKILL)
      _ = waitForEnd(of: pid, until: .now + .seconds(120))
    }
  }
}

/// Waits until something is so; fails with what was waited for. What can't be asked yet is not so.
func eventually(
  _ what: String, within time: Duration = .seconds(120), _ isSo: () throws -> Bool
) throws {
  let deadline = ContinuousClock.now + time
  while (try? isSo()) != true {
    guard ContinuousClock.now < deadline else {
      throw SubprocessFailure(description: "waited in vain for \(what)")
    }
    usleep(50_000)
  }
}

/// The number that a query gives.
func number(_ database: TemporaryDatabase, _ sql: String) throws -> Int {
  Int(try psql(database.url, sql)) ?? -1
}
