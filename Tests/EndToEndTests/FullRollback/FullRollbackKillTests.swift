import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// Full rollbacks that are killed: the target is whole at every moment, each next command says how
/// it stands, and repairs it.
@Suite(.serialized) struct FullRollbackKillTests {
  @Test func killedAtAnyMomentItIsGoneOnWith() throws {
    let world = try FullRollbackWorld()
    for _ in 0..<3 {
      let stage = try world.stage()
      if stage == "swapped" { break }
      let run = try BackgroundRun(
        world.migrate, stage == nil ? world.line : "rollback --resume --yes")
      usleep(UInt32.random(in: 100_000...1_000_000))
      kill(run.pid, SIGKILL)
      _ = run.end()
      try look(world)
    }
    if try world.stage() != "swapped" {
      let line = try world.stage() == nil ? world.line : "rollback --resume --yes"
      let resumed = try world.migrate(line)
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
    }
    #expect(try world.contents() == world.before)
    #expect(try world.migrate("rollback verify").exitCode == 0)
    #expect(try world.migrate("rollback commit --yes").exitCode == 0)
    #expect(try world.databases() == [world.target.name])
    #expect(try FullRollbackWorld.settings(world.target.name) == world.settings)
  }

  private func look(_ world: FullRollbackWorld) throws {
    let stage = try world.stage()
    let told = try world.migrate("status")
    switch stage {
    case nil: #expect(told.exitCode == 0)
    case "swapped": #expect(told.output.contains("migrate rollback verify"))
    default:
      #expect(told.exitCode == 1)
      #expect(
        told.errors.contains("migrate rollback --resume") || told.errors.contains("is running"),
        "\(told.errors)")
    }
    guard let stage, stage != "swapping" else { return }
    #expect(try world.contents() == (stage == "swapped" ? world.before : world.broken))
  }

  /// The moments that no strike would hit: the target takes no connections, before the names are
  /// changed and before they are changed back.
  @Test func aClosedTargetIsToldAndOpenedAgain() throws {
    let world = try FullRollbackWorld()
    let server = try TestServers.postgresURL()
    let (code, document) = try world.migrate.json(world.line)
    guard code == 0, case .text(let aside)? = document["rollback"]?["aside"],
      case .text(let restored)? = document["rollback"]?["restored"]
    else {
      Issue.record("\(document.compact)")
      return
    }
    let target = world.target.name
    try psql(
      server,
      """
      alter database "\(target)" rename to "\(restored)"; alter database "\(aside)" rename to "\(target)";
      alter database "\(target)" allow_connections false;
      """)
    try mark(target, "swapping")
    try expectRefusals(world)
    #expect(try world.migrate("rollback --resume --yes").exitCode == 0)
    #expect(try world.contents() == world.before)
    #expect(try FullRollbackWorld.settings(target) == world.settings)

    try psql(server, "alter database \"\(target)\" allow_connections false")
    try mark(aside, "undoing")
    try expectRefusals(world)
    #expect(try world.migrate("rollback --resume --yes").exitCode == 0)
    #expect(try world.contents() == world.broken)
    #expect(try FullRollbackWorld.settings(target) == world.settings)
    #expect(try world.databases() == [target])
    try renamedByHand(world)
  }

  /// Whoever undoes it by hand must not have the target dropped for the database aside.
  private func renamedByHand(_ world: FullRollbackWorld) throws {
    let target = world.target.name
    let (_, document) = try world.migrate.json(world.line)
    guard case .text(let aside)? = document["rollback"]?["aside"] else {
      Issue.record("\(document.compact)")
      return
    }
    let server = try TestServers.postgresURL()
    try psql(server, "drop database \"\(target)\"")
    try psql(
      server,
      "alter database \"\(aside)\" rename to \"\(target)\"; alter database \"\(target)\" allow_connections true"
    )
    let refused = try world.migrate("rollback commit --unverified --yes")
    #expect(refused.exitCode == 1 && refused.errors.contains("nothing was dropped"))
    #expect(try world.migrate("rollback undo --yes").exitCode == 0)
    #expect(try world.contents() == world.broken)
    #expect(try FullRollbackWorld.settings(target) == world.settings)
  }

  private func mark(_ database: String, _ stage: String) throws {
    try psql(
      TestServers.postgresURL(),
      """
      select format('comment on database %I is %L', datname,
        regexp_replace(shobj_description(oid, 'pg_database'), '"stage":"[a-z]+"', '"stage":"\(stage)"'))
      from pg_database where datname = '\(database)' \\gexec
      """)
  }

  private func expectRefusals(_ world: FullRollbackWorld) throws {
    for line in ["status", "rollback --last-step --yes", "backup create", "rollback commit --yes"] {
      let refused = try world.migrate(line)
      #expect(refused.exitCode == 1, "\(line)")
      #expect(refused.errors.contains("migrate rollback --resume"), "\(line): \(refused.errors)")
    }
    #expect(try world.migrate("rollback verify").exitCode == 4)
  }

  /// The server marks a database whose drop it did not finish, and lets no session alter it any more.
  @Test func aDropThatWasBrokenOffIsGoneOnWith() throws {
    let world = try FullRollbackWorld()
    let run = try BackgroundRun(world.migrate, world.line)
    try eventually("the restored database") { try world.databases().count == 2 }
    kill(run.pid, SIGKILL)
    _ = run.end()
    let restored = try #require(try world.databases().first { $0 != world.target.name })
    try psql(
      TestServers.postgresURL(),
      "update pg_database set datconnlimit = -2 where datname = '\(restored)'")
    let resumed = try world.migrate("rollback --resume --yes")
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(try world.contents() == world.before)
    #expect(try world.migrate("rollback commit --unverified --yes").exitCode == 0)
    #expect(try world.databases() == [world.target.name])
  }

  @Test func anInterruptionTakesAwayWhatWasBegun() throws {
    let world = try FullRollbackWorld()
    let run = try BackgroundRun(world.migrate, world.line)
    try eventually("the restored database") { try world.databases().count == 2 }
    // The error of a second one names the first.
    let second = try world.migrate(world.line)
    #expect(second.exitCode == 8, "\(second.errors)")
    kill(run.pid, SIGINT)
    let code = run.end()
    guard code == 130 else {
      // It was done before the signal came.
      #expect(code == 0, "\(run.errors)")
      return
    }
    #expect(run.errors.contains("the target is unchanged"))
    #expect(try world.stage() == nil)
    #expect(try world.databases() == [world.target.name])
    #expect(try world.contents() == world.broken)
    #expect(try FullRollbackWorld.settings(world.target.name) == world.settings)
  }
}
