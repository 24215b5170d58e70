import Testing

@testable import MigrationLedger
@testable import MigrationOperations

/// What is made of the times that lanes counted.
@Suite struct PerformanceAdviceTests {
  private typealias Table = PerformanceAnalysis.Table

  private func table(
    source: Int = 0, program: Int = 0, target: Int = 0, commit: Int = 0, preparing: Int = 0,
    loading: Int = 1_000_000, finishing: Int = 0, lanes: Int = 1
  ) -> Table {
    var phases = PhaseTimes()
    (phases.sourceWait, phases.transform) = (source, program)
    (phases.targetWait, phases.commit) = (target, commit)
    return Table(
      name: "customers", rows: 100_000, bytes: 1 << 24, chunks: 10, lanes: lanes,
      preparing: preparing, loading: loading, finishing: finishing, phases: phases)
  }

  private func advice(_ table: Table, ending: Int = 0) -> [String] {
    let moment = Moment(microseconds: 0)
    let run = Run(
      id: RunID(rawValue: 1), session: SessionID(rawValue: 1),
      identity: RunIdentity(host: "here", process: 1, command: "run", version: "1"),
      started: moment, heartbeat: moment, ended: moment, ending: .completed, note: nil,
      memory: nil)
    let total = table.preparing + table.loading + table.finishing + ending
    return PerformanceAnalysis(run: run, tables: [table], total: total, ending: ending)
      .advice.map(\.finding)
  }

  @Test func theSideIsNamedThatTakesMoreThanHalf() {
    #expect(table(source: 600, program: 200, target: 200).bottleneck == .source)
    #expect(table(source: 200, program: 600, target: 200).bottleneck == .program)
    #expect(table(source: 200, program: 200, target: 300, commit: 301).bottleneck == .target)
    #expect(table(source: 400, program: 300, target: 300).bottleneck == .none)
    #expect(table().bottleneck == .none)
  }

  @Test func eachFindingHasItsSharesAndNothingElseIsFound() {
    #expect(
      advice(table(source: 700_000, program: 200_000, target: 100_000))
        == ["waiting for the source: 70% of the lanes' time"])
    #expect(
      advice(table(source: 300_000, program: 300_000, target: 250_000, commit: 150_000))
        == ["commits take 15% of the lanes' time"])
    #expect(
      advice(
        table(source: 300_000, program: 300_000, target: 300_000, commit: 0, lanes: 2))
        == ["idle lanes: 55% of the lanes' time"])
    #expect(
      advice(table(source: 4, program: 4, target: 4, finishing: 1_000_000))
        == ["the work after the load took 50% of its time, mostly for indexes"])
    #expect(
      advice(table(source: 4, program: 4, target: 4, preparing: 1_000_000))
        == ["the work before the load took 50% of its time"])
    #expect(
      advice(table(source: 4, program: 4, target: 4), ending: 1_000_000)
        == ["foreign keys and row counts took 50% of the time"])
    #expect(advice(table(source: 400_000, program: 300_000, target: 300_000)).isEmpty)
  }

  @Test func whatTheLibrariesComputeIsWhatIsLeft() {
    var phases = PhaseTimes()
    (phases.transform, phases.decode, phases.rules, phases.encode) = (100, 30, 40, 20)
    let one = Table(
      name: "t", rows: 1, bytes: 1, chunks: 1, lanes: 2, preparing: 0, loading: 100, finishing: 0,
      phases: phases)
    #expect(one.transport == 10)
    #expect(one.between == 100)
  }
}
