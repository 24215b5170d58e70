import Foundation
import Glibc
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationOperations

/// Programs that are called: fed, read, ended, found.
@Suite struct ProgramTests {
  private static let environment = ["PATH": "/usr/bin:/bin"]

  private func call(_ script: String) -> ProgramCall {
    ProgramCall(path: "/bin/sh", arguments: ["-c", script], environment: Self.environment)
  }

  @Test func muchIsFedAndReadAtOnce() throws {
    var left = 500
    var count = 0
    var run = ProgramRun()
    run.input = {
      left -= 1
      return left < 0 ? nil : [UInt8](repeating: 65, count: 10_000)
    }
    run.output = { count += $0.count }
    let ending = try run.run(call("cat; echo \"x: error: bad luck\" >&2; exit 3"))
    #expect(count == 5_000_000)
    #expect(ending.exitCode == 3)
    #expect(ending.reason == "x: error: bad luck")
  }

  @Test func whoWatchesCanEndItWithAllThatItStarted() throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let file = folder.path + "/pid"
    var begun: pid_t? {
      let text = try? String(contentsOfFile: file, encoding: .utf8)
      return text.flatMap { $0.hasSuffix("\n") ? pid_t($0.dropLast()) : nil }
    }
    let start = ContinuousClock.now
    #expect(throws: Enough.self) {
      try ProgramRun {
        if begun != nil || start.duration(to: .now) > .seconds(50) { throw Enough() }
      }.run(call("sleep 60 & echo $! > \(file); wait"))
    }
    #expect(start.duration(to: .now) < .seconds(55))
    let pid = try #require(begun)
    // A process that was ended is gone a moment later.
    let deadline = ContinuousClock.now + .seconds(10)
    while isAtWork(pid), ContinuousClock.now < deadline { WorkerThread.sleep(.milliseconds(5)) }
    #expect(!isAtWork(pid))
  }

  @Test func aProgramEndsWithTheThreadThatStartedIt() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/pid"
    let call = call("echo $$ > \(file); exec sleep 60")
    let thread = try WorkerThread {
      let child = try? ChildProgram(call, input: 0, output: 1, errors: 2)
      while !FileManager.default.fileExists(atPath: file) { WorkerThread.sleep(.milliseconds(5)) }
      // As in a killed process, it is not ended.
      if let child { _ = Unmanaged.passRetained(child) }
    }
    thread.join()
    WorkerThread.sleep(.milliseconds(200))
    let pid = try #require(pid_t(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
    #expect(!isAtWork(pid))
  }

  @Test func whatCanNotBeStartedIsAnError() {
    #expect(throws: Subprocess.Failure.self) {
      try ProgramRun().run(ProgramCall(path: "/nowhere/at/all", arguments: [], environment: [:]))
    }
  }

  @Test func aProgramThatIsTooOldIsNotTaken() throws {
    let folder = try TemporaryFolder()
    for (place, version) in [("a", "14.2"), ("b", "199.1"), ("c", "198.0")] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/" + place, withIntermediateDirectories: true)
      let file = try folder.file(
        "\(place)/initdb", "#!/bin/sh\necho 'initdb (PostgreSQL) \(version)'\n")
      chmod(file, 0o755)
    }
    let path = ["a", "b", "c"].map { folder.path + "/" + $0 }.joined(separator: ":")
    let tools = PostgresTools(environment: ["PATH": path + ":/usr/bin:/bin"])
    #expect(try tools.find("initdb", atLeast: 198, package: "postgresql").version == "198.0")
    #expect(
      try tools.find("initdb", atLeast: 20, newest: true, package: "postgresql").majorVersion == 199
    )
    #expect {
      try tools.find("initdb", atLeast: 200, package: "postgresql")
    } throws: { error in
      let error = error as? MigrationError
      return error?.kind == .configuration && error?.remedy?.contains("postgresql-200") == true
    }
  }
}
