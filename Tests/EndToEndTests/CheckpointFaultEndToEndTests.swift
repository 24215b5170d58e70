import Foundation
import MigrationCore
import TestSupport
import Testing

/// Damages the checkpoint file between runs: the ledger knows what is done, the file is only a copy.
@Suite(.serialized) struct CheckpointFaultEndToEndTests {
  /// Begins a migration or continues with it, and interrupts it before it is done.
  private func interrupt(_ disturbed: DisturbedMigration) throws {
    try disturbed.gate.close(0)
    let run = try BackgroundRun(disturbed.migrate, "run --all --parallel 2")
    let file = disturbed.migrate.folder.path + "/migration-checkpoint.json"
    // The file of a run that has begun says so; an older one says how that run ended.
    try eventually("the checkpoint file") {
      try String(contentsOfFile: file, encoding: .utf8).contains("\"running\"")
    }
    usleep(UInt32.random(in: 50_000...250_000))
    try run.interrupt(past: disturbed.gate)
    #expect(run.end() == 7, "\(run.errors)")
  }

  @Test func aDamagedFileIsToldAndCostsNothing() throws {
    let target = try TemporaryDatabase("damaged")
    let disturbed = try DisturbedMigration(
      source: Undisturbed.source.get().url, target: target.url)
    let migrate = disturbed.migrate
    let file = migrate.folder.path + "/migration-checkpoint.json"
    for kind in ["empty", "halved", "garbled"] {
      try interrupt(disturbed)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let damaged: String =
        switch kind {
        case "empty": ""
        case "halved": String(text.prefix(text.count / 2))
        default: text.replacingOccurrences(of: ":", with: ";")
        }
      try damaged.write(toFile: file, atomically: true, encoding: .utf8)
      let (exitCode, document) = try migrate.json("run --all")
      #expect(exitCode == 1)
      #expect("\(document)".contains("migration-checkpoint.json"))
      #expect("\(document)".contains("move it away"))
      #expect(try String(contentsOfFile: file, encoding: .utf8) == damaged)
      try FileManager.default.removeItem(atPath: file)
    }
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  @Test func aFileThatIsGoneIsWrittenAnew() throws {
    let target = try TemporaryDatabase("gone")
    let disturbed = try DisturbedMigration(
      source: Undisturbed.source.get().url, target: target.url)
    let file = disturbed.migrate.folder.path + "/migration-checkpoint.json"
    for _ in 0..<3 {
      try interrupt(disturbed)
      try FileManager.default.removeItem(atPath: file)
    }
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  @Test func aFileOfAnotherMigrationIsRefused() throws {
    let source = try Undisturbed.source.get().url
    let (one, two) = (try TemporaryDatabase("one"), try TemporaryDatabase("two"))
    let first = try DisturbedMigration(source: source, target: one.url)
    let second = try DisturbedMigration(source: source, target: two.url)
    try interrupt(first)
    try interrupt(second)
    let name = "/migration-checkpoint.json"
    let file = second.migrate.folder.path + name
    let own = try String(contentsOfFile: file, encoding: .utf8)
    let foreign = try String(contentsOfFile: first.migrate.folder.path + name, encoding: .utf8)
    try foreign.write(toFile: file, atomically: true, encoding: .utf8)
    let (exitCode, document) = try second.migrate.json("run --all")
    #expect(exitCode == 3)
    #expect("\(document)".contains("belongs to another target"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == foreign)
    try own.write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try second.endsLikeTheUndisturbed())
    #expect(try first.endsLikeTheUndisturbed())
  }
}
