import MigrationCore
import TestSupport
import Testing

/// Limits of memory, disk and time: the run stops with what is committed, says why, and continues.
@Suite struct StopEndToEndTests {
  private func prepared(_ purpose: String) throws -> (TemporaryDatabase, Migrate) {
    let target = try TemporaryDatabase(purpose)
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    return (target, migrate)
  }

  private func number(_ target: TemporaryDatabase, _ sql: String) throws -> Int {
    Int(try psql(target.url, sql)) ?? -1
  }

  @Test func littleDiskAndMuchMemoryStopTheRun() throws {
    let (target, migrate) = try prepared("stops")
    // The servers of the tests run on this machine, so that their disk can be seen.
    let (exitCode, disk) = try migrate.json("run --all --min-free-disk 900TiB")
    #expect(exitCode == 6)
    #expect(disk["ending"] == "stopped")
    #expect(disk["stop"]?["code"] == "ERR_008")
    let loaded = try number(target, "select count(*) from customers")
    #expect(
      try number(target, "select sum(rows_loaded) from migrate.chunk where status = 'done'")
        == loaded)
    let memory = try migrate.json("run --all --max-memory 1MiB")
    #expect(memory.exitCode == 6)
    #expect(memory.document["stop"]?["code"] == "ERR_007")
    let told = try migrate("run --all --max-memory 1MiB --min-free-disk 0")
    #expect(told.exitCode == 6)
    #expect(told.output.contains("--max-memory"))
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try Undisturbed.contents(of: target.url, migrate) == Undisturbed.expected.get())
  }

  @Test func aTimeLimitIsForetoldBySampleOrByEarlierChunks() throws {
    let (target, migrate) = try prepared("forecast")
    let stopped = try migrate.json("run customers --max-minutes 200 --min-free-disk 900TiB")
    let sample = stopped.document["forecast"]
    #expect(sample?["finishes"] == true)
    #expect(sample?["allowedSeconds"] == .double(12_000))
    guard case .text(let basis)? = sample?["basis"] else {
      Issue.record("no basis: \(stopped.document)")
      return
    }
    #expect(basis.contains("12,000 rows of customers, rolled back"))
    let loaded = try number(target, "select count(*) from customers")
    #expect(loaded < 12_000)
    let rest = try migrate("run customers --max-minutes 200")
    #expect(rest.errors.contains("expected to finish in time"))
    #expect(rest.errors.contains("at the speed of the last"))
  }
}
