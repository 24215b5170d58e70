import Foundation
import TestSupport
import Testing

/// The scripts use the tools that they installed, whatever the caller's PATH puts first.
@Suite struct ToolsEndToEndTests {
  /// A PATH whose first folder has another program for each tool: it says yes to everything, and writes its name down.
  private struct OtherTools {
    let folder: TemporaryFolder
    let environment: [String: String]

    init() throws {
      folder = try TemporaryFolder()
      let used = folder.path + "/used"
      let tools = [
        "python3", "pip", "pip3", "openssl", "psql", "createdb", "initdb", "pg_ctl", "pg_isready",
        "pg_dump", "mongod",
        "unzip", "setpriv", "dpkg-query", "apt-get", "awk", "sed", "od",
      ]
      try FileManager.default.createDirectory(
        atPath: folder.path + "/bin", withIntermediateDirectories: true)
      for tool in tools {
        let file = try folder.file("bin/" + tool, "#!/bin/sh\necho \(tool) >> '\(used)'\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
      }
      var environment = ProcessInfo.processInfo.environment
      environment["PATH"] = folder.path + "/bin:" + (environment["PATH"] ?? "/usr/bin:/bin")
      self.environment = environment
    }

    var used: String { (try? String(contentsOfFile: folder.path + "/used", encoding: .utf8)) ?? "" }
  }

  @Test func serversAreStartedByTheToolsThatWereInstalled() throws {
    let others = try OtherTools()
    let place = others.folder.path + "/servers"
    let script = packageRoot + "/scripts/servers"
    let started = try run(script, ["up", "--dir", place, "--tls"], environment: others.environment)
    #expect(started.exitCode == 0, "\(started.errors)")
    let ended = try run(script, ["down", "--dir", place], environment: others.environment)
    #expect(ended.exitCode == 0, "\(ended.errors)")
    #expect(others.used.isEmpty, "used: \(others.used)")
  }

  /// A virtual environment that has pymongo says nothing of the Python that the tests run.
  @Test func setupAsksThePythonThatTheTestsRun() throws {
    let others = try OtherTools()
    // A cache without pymongo, and without a place to fetch it from.
    var environment = others.environment
    environment["MIGRATE_CACHE"] = others.folder.path + "/cache"
    environment["PIP_NO_INDEX"] = "1"
    try FileManager.default.createDirectory(
      atPath: others.folder.path + "/cache/mongodb", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: others.folder.path + "/cache/mongodb/mongod",
      withDestinationPath: TestServers.mongod())
    let finished = try run(packageRoot + "/scripts/setup", environment: environment)
    #expect(finished.errors.contains("fetching pymongo"), "\(finished.errors)")
    #expect(finished.exitCode != 0)
    #expect(others.used.isEmpty, "used: \(others.used)")
  }

  @Test func theTestsRunThePythonThatSetupAsked() throws {
    let found = try run(
      TestServers.python(), ["-c", "import pymongo"], environment: TestServers.pythonEnvironment())
    #expect(found.exitCode == 0, "\(found.errors)")
  }
}
