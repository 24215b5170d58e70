import Foundation
import MigrationCore
import TestSupport
import Testing

/// Who did what: that it is noted, and that a forged record is found.
@Suite struct AuditEndToEndTests {
  /// A folder and a target in which three commands were noted.
  private func prepared() throws -> (Migrate, TemporaryDatabase, log: String) {
    let target = try TemporaryDatabase("audit")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("session start --name audited").exitCode == 0)
    #expect(try migrate("session note one").exitCode == 0)
    return (migrate, target, migrate.folder.path + "/logs/migration-audit.log")
  }

  private func lines(_ log: String) throws -> [String] {
    try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func write(_ lines: [String], to log: String) throws {
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: log, atomically: false, encoding: .utf8)
  }

  @Test func commandsAreNotedWithTheirEndAndWithoutSecrets() throws {
    let (migrate, target, log) = try prepared()
    let secret = "--set BACKUP_DATABASE_PASSWORD=hush-hush-42"
    #expect(try migrate("customers \(secret) --max-retries 2").exitCode == 5)
    #expect(try migrate("validate --table nothing").exitCode != 0)
    #expect(try migrate("session start").exitCode == 1)
    let (code, report) = try migrate.json("report audit")
    #expect(code == 0 && report["whole"] == true)
    guard case .array(let commands)? = report["commands"] else {
      Issue.record("\(report)")
      return
    }
    #expect(commands.map { $0["exitCode"] } == [0, 0, 0, 5, 1])
    guard case .text(let line)? = commands[3]["command"] else { return }
    #expect(line.hasPrefix("migrate run customers"))
    #expect(commands[3]["session"] == .int(1))
    #expect(!(try String(contentsOfFile: log, encoding: .utf8)).contains("hush-hush-42"))
    #expect(
      !(try psql(target.url, "select string_agg(line, '') from migrate.audit")).contains(
        "hush-hush-42"))
    #expect(try migrate("audit verify").exitCode == 0)
  }

  @Test func aChangedOrMissingLineIsFound() throws {
    let (migrate, target, log) = try prepared()
    defer { withExtendedLifetime(target) {} }
    let sound = try lines(log)
    #expect(sound.count == 6)
    func findings(_ forged: [String]) throws -> (Int32, String) {
      try write(forged, to: log)
      let (code, document) = try migrate.json("audit verify")
      return (code, document["findings"]?.compact ?? "")
    }
    for index in sound.indices {
      var changed = sound
      changed[index] = changed[index].replacing("root", with: "toor").replacing(
        "exitCode\":0", with: "exitCode\":1")
      #expect(changed != sound)
      let (code, found) = try findings(changed)
      #expect(code == 4 && found.contains("\"line\":\(index + 1)") && found.contains("changed"))
      var shorter = sound
      shorter.remove(at: index)
      let (gone, told) = try findings(shorter)
      #expect(gone == 4, "without line \(index + 1): \(told)")
    }
    var swapped = sound
    swapped.swapAt(1, 2)
    #expect(try findings(swapped).0 == 4)
    #expect(try findings([]).0 == 4)
    #expect(try findings(sound).0 == 0)
  }

  @Test func aChangedCopyIsFoundAndAnUnreachedOneMadeUpFor() throws {
    var (migrate, target, log) = try prepared()
    try psql(
      target.url,
      "update migrate.audit set line = replace(line, 'session start', 'session stop') where number = 2"
    )
    #expect(try migrate("audit verify").exitCode == 4)
    try psql(target.url, "delete from migrate.audit where number = 2")
    #expect(try migrate("audit verify").exitCode == 4)
    // What could not reach the target is in the file, and goes there later.
    let url = target.url
    migrate.environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none"
    #expect(try migrate("session note lost").exitCode == 3)
    migrate.environment["DATABASE_URL"] = url
    #expect(try lines(log).count == 8)
    #expect(try number(target, "select count(*) from migrate.audit where number > 5") == 0)
    #expect(try migrate("session note found").exitCode == 0)
    #expect(try number(target, "select count(*) from migrate.audit where number > 5") == 4)
  }

  @Test func aDeletedReplacedOrShortenedLogIsFound() throws {
    var (migrate, target, log) = try prepared()
    defer { withExtendedLifetime(target) {} }
    let sound = try lines(log)
    try FileManager.default.removeItem(atPath: log)
    let (gone, told) = try migrate.json("audit verify")
    #expect(gone == 4 && told["whole"] == false, "\(told.compact)")
    #expect(told["findings"]?.compact.contains("deleted") == true)
    for count in 1..<sound.count {
      try write(Array(sound.prefix(count)), to: log)
      #expect(try migrate("audit verify").exitCode == 4, "\(count) lines")
    }
    // Another log in its place is sound in itself.
    try FileManager.default.removeItem(atPath: log)
    #expect(try migrate("session note two").exitCode == 0)
    let (replaced, why) = try migrate.json("audit verify")
    #expect(replaced == 4 && why.compact.contains("replaced"), "\(why.compact)")
    // Logs of other folders and machines are in the ledger too, and not missing here.
    try write(sound, to: log)
    try psql(
      target.url,
      "delete from migrate.audit where log not in (select log from migrate.audit where number = 5)")
    #expect(try migrate("audit verify").exitCode == 0)
    let elsewhere = migrate.folder.path + "/elsewhere"
    migrate.environment["MIGRATION_LOG_DIR"] = elsewhere
    #expect(try migrate("session note three").exitCode == 0)
    #expect(try migrate("audit verify").exitCode == 0)
    // Without the ledger the end of the log is unknown.
    migrate.environment["DATABASE_URL"] = nil
    let alone = try migrate("audit verify")
    #expect(alone.exitCode == 0)
    #expect(alone.output.contains("only the ledger shows"), "\(alone.output)")
  }

  @Test func withoutARecordNothingIsDone() throws {
    var (migrate, target, log) = try prepared()
    // A line without its end is of a program that was killed: the next one takes it off.
    let sound = try lines(log)
    try (sound.joined(separator: "\n") + "\n{\"log\":").write(
      toFile: log, atomically: false, encoding: .utf8)
    #expect(try migrate("session note two").exitCode == 0)
    #expect(try migrate("audit verify").exitCode == 0)
    var forged = try lines(log)
    forged[forged.count - 1] = "{}"
    try write(forged, to: log)
    let refused = try migrate("session note three")
    #expect(refused.exitCode == 3 && refused.errors.contains("nothing was changed"))
    #expect(try number(target, "select count(*) from migrate.note where text = 'three'") == 0)
    migrate.environment["MIGRATION_AUDIT_LOGGING"] = "false"
    #expect(try migrate("session note three").exitCode == 0)
  }
}
