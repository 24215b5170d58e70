import Foundation
import MigrationCore
import TestSupport

/// The built executable, run in a folder of its own with an environment of its own.
struct Migrate {
  let folder: TemporaryFolder
  var environment = ["HOME": "/nonexistent", "TMPDIR": NSTemporaryDirectory()]

  init() throws {
    folder = try TemporaryFolder()
    // The tools must not be older than the server that the tests run against.
    environment["PATH"] = try TestServers.postgresPrograms() + ":/usr/bin:/bin"
  }

  static func executable() throws -> String {
    guard let path = ProcessInfo.processInfo.environment["MIGRATE_EXECUTABLE"] else {
      throw SubprocessFailure(
        description: "MIGRATE_EXECUTABLE is not set; run scripts/test, or: "
          + "scripts/build && export MIGRATE_EXECUTABLE=$PWD/.build/release/migrate")
    }
    return path
  }

  /// Runs a command line, split at blanks.
  func callAsFunction(_ line: String, timeout: Duration = .seconds(300)) throws -> Finished {
    try run(
      Self.executable(), line.split(separator: " ").map(String.init), environment: environment,
      in: folder.path, timeout: timeout)
  }

  /// Runs a command line with `--json`, and returns its exit code and document.
  func json(
    _ line: String, timeout: Duration = .seconds(60)
  ) throws -> (exitCode: Int32, document: JSONValue) {
    let finished = try self(line + " --json", timeout: timeout)
    return (finished.exitCode, try JSONValue.parse(finished.output))
  }
}
