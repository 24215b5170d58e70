import Foundation
import MigrationCore
import TestSupport
import Testing

/// Pipes, sockets, devices and folders in the place of files: reported immediately, never waited for.
@Suite struct NoPlainFileEndToEndTests {
  private func expectTold(_ migrate: Migrate, _ line: String, _ codes: Set<Int32> = [3]) throws {
    let finished = try migrate(line, timeout: .seconds(20))
    #expect(codes.contains(finished.exitCode), "\(line): \(finished.exitCode) \(finished.errors)")
    #expect(
      (finished.output + finished.errors).contains("named pipe"), "\(line): \(finished.errors)")
  }

  @Test func aPipeIsNeverWaitedFor() throws {
    let target = try TemporaryDatabase("pipes")
    var migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    let folder = migrate.folder.path
    let pipe = folder + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    try expectTold(migrate, "backup verify \(pipe)", [1, 3, 4])
    try expectTold(migrate, "backup restore \(pipe) --yes", [1, 3])
    try expectTold(migrate, "receipt write --key \(pipe)")
    try expectTold(migrate, "receipt verify \(pipe)")
    let before = migrate.environment
    for (name, value) in [
      ("DATABASE_PASSWORD", "file:\(pipe)"), ("MONGODB_URL", "dump:\(pipe)"),
      ("PGSERVICEFILE", pipe), ("PGSSLROOTCERT", pipe),
      ("MONGODB_URL", "mongodb://127.0.0.1:1/a?tls=true&tlsCAFile=\(pipe)"),
    ] {
      migrate.environment = before
      migrate.environment[name] = value
      try expectTold(migrate, "test-connections", [1, 3])
    }
    migrate.environment = before
    #expect(mkfifo(folder + "/.env", 0o600) == 0)
    try expectTold(migrate, "test-connections")
    unlink(folder + "/.env")
    for name in ["migration-audit.log", "migrate.log"] {
      try? FileManager.default.createDirectory(
        atPath: folder + "/logs", withIntermediateDirectories: true)
      unlink(folder + "/logs/" + name)
      #expect(mkfifo(folder + "/logs/" + name, 0o600) == 0)
    }
    let finished = try migrate("session start", timeout: .seconds(20))
    #expect(finished.exitCode == 3 && finished.errors.contains("audit log"), "\(finished.errors)")
  }

  @Test func filesAreForTheirOwnerAlone() throws {
    let target = try TemporaryDatabase("rights")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try migrate("baseline").exitCode == 0)
    _ = try migrate("validate --samples 20")
    #expect(try migrate("receipt write --output here.json").exitCode == 0)
    #expect(try migrate("report audit").exitCode == 0)
    #expect(try migrate("report incident").exitCode == 0)
    #expect(try migrate("backup create --compress 0").exitCode == 0)
    _ = try migrate("validate-all")
    let found = try mustRun(
      "/usr/bin/find",
      [
        migrate.folder.path, "-mindepth", "1", "-newer", try Migrate.executable(), "-perm", "/077",
        "(", "-name", "*.log*", "-o", "-name", "migration-*", "-o", "-name", "*report*", "-o",
        "-name", "here.json", "-o", "-path", "*/backups/*", "-o", "-name", "logs", "-o", "-name",
        "backups", ")",
      ])
    #expect(found == "", "\(found)")
  }
}
