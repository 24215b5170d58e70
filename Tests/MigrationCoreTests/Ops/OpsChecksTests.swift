import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationOperations

@Suite struct DiskCheckTests {
  func verdict(sourceShare: Double) throws -> Check.Verdict {
    let free = try #require(DiskSpace(of: "/")).freeByteCount
    return DiskCheck(
      name: "room", subject: .disk, path: "/no/such/folder/yet",
      sourceByteCount: Int(Double(free) * sourceShare)
    ).run().verdict
  }

  @Test func twiceTheSourceIsNeededAndThreeTimesIsWanted() throws {
    #expect(try verdict(sourceShare: 0.20) == .pass)
    #expect(try verdict(sourceShare: 0.40) == .warning)
    #expect(try verdict(sourceShare: 0.60) == .failure)
  }

  @Test func anUnknownSourceIsNotAPass() {
    let check = DiskCheck(name: "room", subject: .disk, path: "/", sourceByteCount: nil).run()
    #expect(check.verdict == .warning)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"),
    (5 << 30, "5 GiB"), (1_234_567_890, "1.1 GiB"),
  ])
  func sizesAreReadable(count: Int, text: String) { #expect(ByteCount.text(count) == text) }
}

@Suite struct ToolCheckTests {
  /// A folder with a `pg_dump` that says it is of some version.
  func check(saying answer: String, exitCode: Int = 0, server: Int?) throws -> Check {
    let folder = try TemporaryFolder()
    for name in ["pg_dump", "pg_restore", "psql"] {
      // Another program writes it: a file that a process forked meanwhile has open can't be run.
      let file = folder.path + "/" + name
      try mustRun(
        "/bin/sh", ["-c", "cat > '\(file)' && chmod 755 '\(file)'"],
        input: "#!/bin/sh\necho '\(answer)'\nexit \(exitCode)\n")
    }
    let checks = ToolChecks(
      environment: ["PATH": "/nonexistent:\(folder.path)"], serverMajorVersion: server
    ).run()
    #expect(checks.map(\.name) == ["pg_dump", "pg_restore", "psql", "initdb"])
    return try #require(checks.first)
  }

  @Test func aToolMustNotBeOlderThanTheServer() throws {
    let answer = "pg_dump (PostgreSQL) 15.3 (Debian 15.3-0+deb12u1)"
    #expect(try check(saying: answer, server: 15).verdict == .pass)
    #expect(try check(saying: answer, server: 12).verdict == .pass)
    #expect(try check(saying: answer, server: 16).verdict == .failure)
    #expect(try check(saying: "pg_dump (PostgreSQL) 17devel", server: 16).verdict == .pass)
    #expect(try check(saying: "pg_dump (PostgreSQL) 9.6.24", server: 12).verdict == .failure)
  }

  @Test func aToolThatGivesNoVersionIsNotAPass() throws {
    #expect(try check(saying: "hello", server: 15).verdict == .failure)
    #expect(
      try check(saying: "pg_dump (PostgreSQL) 15.3", exitCode: 1, server: 15).verdict == .failure)
  }

  @Test func aMissingToolIsAFailure() {
    let checks = ToolChecks(environment: ["PATH": "/nonexistent"], serverMajorVersion: 15).run()
    #expect(checks.dropLast().allSatisfy { $0.verdict == .failure })
  }

  /// Migrations run without it, and backups are made; only their proof is not to be had here.
  @Test func aMissingServerProgramIsAWarning() throws {
    let checks = ToolChecks(environment: ["PATH": "/nonexistent"], serverMajorVersion: 99).run()
    let check = try #require(checks.last)
    #expect(check.name == "initdb" && check.verdict == .warning)
    #expect(check.finding.contains("backups cannot be verified"))
  }
}

@Suite struct SubprocessTests {
  @Test func givesOutputAndExitCode() throws {
    let result = try Subprocess.run(
      "/bin/sh", ["-c", "echo \"$A\"; exit 3"], environment: ["A": "b c"], limit: .seconds(5))
    #expect(result.output == "b c\n")
    #expect(result.exitCode == 3)
  }

  @Test func killsWhatTakesTooLong() {
    let clock = ContinuousClock()
    let time = clock.measure {
      #expect(throws: Subprocess.Failure.self) {
        try Subprocess.run("/bin/sleep", ["30"], environment: [:], limit: .milliseconds(200))
      }
    }
    #expect(time < .seconds(5))
  }

  @Test func aProgramThatIsNotThereIsAnError() {
    #expect(throws: Subprocess.Failure.self) {
      try Subprocess.run("/nonexistent", [], environment: [:], limit: .seconds(1))
    }
  }
}
