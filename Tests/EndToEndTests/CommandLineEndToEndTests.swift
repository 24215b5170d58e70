import Foundation
import MigrationCore
import TestSupport
import Testing

@Suite struct CommandLineEndToEndTests {
  let migrate: Migrate

  init() throws { migrate = try Migrate() }

  @Test func helpGoesToStdoutAndSucceeds() throws {
    for line in ["--help", "-h", "help", "check --help", "help check", "help --man"] {
      let finished = try migrate(line)
      #expect(finished.exitCode == 0, "\(line)")
      #expect(finished.output.contains("migrate"))
      #expect(finished.errors.isEmpty)
    }
  }

  @Test(arguments: [
    "", "frobnicate", "chekc", "check --frobnicate", "test-connections --repeat", "completions",
    "completions tcsh", "test-connections --repeat 0", "version surplus", "db", "db rolback",
  ])
  func wrongUsageExitsWithTwoAndSaysSoOnStderr(line: String) throws {
    let finished = try migrate(line)
    #expect(finished.exitCode == 2)
    #expect(finished.output.isEmpty)
    #expect(finished.errors.contains("error: "))
    #expect(finished.errors.contains("hint: "))
  }

  @Test func aTypingErrorIsAnsweredWithTheNearestCommand() throws {
    #expect(try migrate("tset-connections").errors.contains("did you mean \"test-connections\"?"))
    #expect(try migrate("check --quite").errors.contains("did you mean --quiet?"))
  }

  @Test(arguments: [
    (
      "errors --limit x",
      "error: invalid --limit \"x\": expected 1 to 1,000,000\n  hint: see migrate errors --help\n"
    ),
    (
      "performance-analysis --run x",
      "error: invalid --run \"x\": expected 1 or more\n  hint: see migrate performance-analysis --help\n"
    ),
    (
      "run --details",
      "error: --details requires --dry-run (after a run: migrate errors --details)\n  hint: see migrate run --help\n"
    ),
    (
      "frobnicate",
      "error: unknown command or script \"frobnicate\"\n  hint: see migrate --help and migrate scripts\n"
    ),
    ("trace", "error: migrate trace requires --table TABLE\n  hint: see migrate trace --help\n"),
  ])
  func aUsageErrorSaysWhatIsExpectedAndWhichHelpToRead(line: String, errors: String) throws {
    let finished = try migrate(line)
    #expect(finished.exitCode == 2)
    #expect(finished.errors == errors)
  }

  @Test func errorsAreJSONToo() throws {
    let (exitCode, document) = try migrate.json("frobnicate")
    #expect(exitCode == 2)
    #expect(document["error"]?["exitCode"] == .int(2))
  }

  @Test(arguments: [
    "--help", "--version", "version", "help", "help check", "check --help", "completions bash",
    "scripts", "config", "plan --help",
  ])
  func everyCommandGivesADocument(line: String) throws {
    let (exitCode, document) = try migrate.json(line)
    #expect(exitCode == 0)
    guard case .object(let members) = document else {
      Issue.record("no document")
      return
    }
    #expect(!members.members.isEmpty)
  }

  @Test func scriptsExpandPassArgumentsOnAndRefuseLoops() throws {
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/scripts.json",
      #"{"scripts": {"v": "version", "both": ["v", "version"], "a": "b", "b": "a"}}"#)
    #expect(try migrate.json("v").document["version"] == .text(Version.number))
    #expect(try migrate("both").output.split(separator: "\n").count == 2)
    let loop = try migrate("a")
    #expect(loop.exitCode == 2)
    #expect(loop.errors.contains("a → b → a"))
    #expect(
      try migrate.json("scripts").document["scripts"]?["both"]
        == [["v"], ["version"]])
  }

  @Test func aBrokenScriptsFileIsAnErrorWithItsPlace() throws {
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config", withIntermediateDirectories: true)
    _ = try migrate.folder.file("config/scripts.json", "{\"scripts\": {\n  \"a\": 5}}")
    let finished = try migrate("scripts")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("scripts.json:2:8"))
    _ = try migrate.folder.file("config/scripts.json", "{\"scripts\": {\"a\": \"v && v\"}}")
    let shell = try migrate("scripts")
    #expect(shell.exitCode == 3)
    #expect(shell.errors.contains("list of command lines"), "\(shell.errors)")
  }

  @Test func everyScriptThatShipsExpandsToACommand() throws {
    let file = packageRoot + "/config/scripts.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config", withIntermediateDirectories: true)
    _ = try migrate.folder.file("config/scripts.json", text)
    guard case .object(let scripts)? = try JSON5.parse(text, file: file).value["scripts"] else {
      Issue.record("no scripts in \(file)")
      return
    }
    #expect(!scripts.members.isEmpty)
    for script in scripts.members {
      #expect(try migrate("help \(script.key)").exitCode == 0, "\(script.key)")
    }
  }

  @Test func aReaderThatGoesAwayDoesNotCauseAnError() throws {
    let finished = try run(
      "/bin/bash",
      ["-c", "'\(Migrate.executable())' help --man | head -n 1; echo ${PIPESTATUS[0]}"])
    #expect(finished.output.hasSuffix("\n0\n"))
  }

  @Test func noColourAndNoEmojiWhereNobodyCanSeeThem() throws {
    for line in ["--help", "frobnicate", "scripts"] {
      let finished = try migrate(line)
      #expect(!(finished.output + finished.errors).contains("\u{1B}"))
    }
  }

  @Test func helpStartsWithinTwentyMilliseconds() throws {
    let executable = try Migrate.executable()
    // The processor's time, not the clock's: other tests run next to this one. The best one counts.
    let times = try (0..<20).map { _ in
      let pid = try spawn([executable, "--help"], [:], output: "/dev/null", errors: "/dev/null")
      return processorTime(ofEnded: pid)
    }
    let best = try #require(times.min())
    #expect(best > .zero)
    #expect(best < .milliseconds(20), "\(best)")
  }

  @Test func onlySmallCLibrariesAreLoadedAtTheStart() throws {
    let linked = try mustRun("/usr/bin/ldd", [try Migrate.executable()])
    let names = linked.split(separator: "\n").compactMap {
      $0.split(separator: " ").first?.split(separator: "/").last?.split(separator: ".so").first
        .map { $0.trimmingPrefix("\t") }
    }
    let allowed: Set<Substring> = [
      "linux-vdso", "ld-linux-x86-64", "ld-linux-aarch64", "libc", "libm", "libgcc_s", "libstdc++",
      "libz", "libbson-1.0",
    ]
    #expect(Set(names).isSubset(of: allowed), "\(names)")
    #expect(names.contains("libbson-1.0"))
  }

  @Test(arguments: [
    ("libpq.so.5", "libpq5", "DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
    ("libmongoc-1.0.so.0", "libmongoc-1.0-0", "MONGODB_URL", "mongodb://127.0.0.1:1/none"),
  ])
  func aLibraryThatIsMissingIsNamedWhenItIsNeeded(
    file: String, package: String, setting: String, url: String
  ) throws {
    let folder = try TemporaryFolder()
    try "no library".write(toFile: "\(folder.path)/\(file)", atomically: true, encoding: .utf8)
    var without = migrate
    without.environment["LD_LIBRARY_PATH"] = folder.path
    without.environment[setting] = url
    #expect(try without("--help").exitCode == 0)
    #expect(try without("version").output.contains("missing"))
    let finished = try without("test-connections")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains(file))
    #expect(finished.errors.contains("apt-get install \(package)"))
    let (exitCode, document) = try without.json("test-connections")
    #expect(exitCode == 3)
    #expect(document["error"]?["exitCode"] == .int(3))
    guard case .text(let what)? = document["error"]?["what"] else {
      Issue.record("no text in \(document)")
      return
    }
    #expect(what.contains(file))
  }
}
