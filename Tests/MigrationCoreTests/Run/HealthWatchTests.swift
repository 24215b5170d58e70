import Foundation
import MigrationCore
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationPlan

/// How often servers are asked for their health, and what is said of it.
@Suite struct HealthWatchTests {
  /// Answers, or does not, and counts how often it was asked.
  private final class AskedSource: RowSource {
    let asked = Atomic<Int>(0)
    let doesAnswer = Atomic<Bool>(true)
    var isOneMoment: Bool { true }
    func noteChange() {}
    func open(timeout: Duration?) throws -> any RowReader { throw CancellationError() }
    func release() {}
    func answers(within time: Duration) -> Bool? {
      asked.add(1, ordering: .relaxed)
      return doesAnswer.load(ordering: .relaxed)
    }
  }

  @Test func theSourceIsAskedOnceInAnInterval() throws {
    let source = AskedSource()
    let told = Mutex<[ServerHealth]>([])
    let watch = HealthWatch(every: .milliseconds(400), source: source, target: SignsOfLife()) {
      if case .health(let health) = $0 { told.withLock { $0.append(health) } }
    }
    func changes() -> [String] {
      told.withLock { $0.filter { $0.role == .source && $0.isNew }.map(\.state.name) }
    }
    func wait(_ isSo: () -> Bool) {
      for _ in 0..<600 where !isSo() { Thread.sleep(forTimeInterval: 0.1) }
    }
    let begun = ContinuousClock.now
    try watch.start()
    wait { source.asked.load(ordering: .relaxed) > 1 }
    source.doesAnswer.store(false, ordering: .relaxed)
    wait { changes() == ["silent"] }
    source.doesAnswer.store(true, ordering: .relaxed)
    wait { changes() == ["silent", "answering"] }
    watch.stop()
    let intervals = (ContinuousClock.now - begun) / .milliseconds(400)
    let asked = source.asked.load(ordering: .relaxed)
    #expect(asked >= 4 && Double(asked) <= intervals + 1)
    let found = told.withLock { $0 }
    #expect(found.count == 2 * asked)
    #expect(found.filter { $0.role == .target }.allSatisfy { $0.state == .answering && !$0.isNew })
    #expect(changes() == ["silent", "answering"])
  }

  @Test func theTargetIsKnownByItsSignsOfLife() {
    let signs = SignsOfLife()
    #expect(signs.state == .answering)
    struct Gone: Error {}
    try? signs.time { throw Gone() }
    #expect(signs.state == .lost)
    signs.time { Thread.sleep(forTimeInterval: 1.1) }
    guard case .slow(let time) = signs.state else {
      Issue.record("\(signs.state)")
      return
    }
    #expect(time >= .seconds(1))
    signs.time {}
    #expect(signs.state == .answering)
  }

  /// The connection that is asked is not used for anything else before its answer has come.
  @Test func anAnswerIsWaitedForAgain() throws {
    let database = try TemporaryDatabase("health")
    let connection = try Connection(to: ConnectionString(database.url))
    let pid = connection.facts.backendPID
    #expect(try connection.answers(within: .seconds(5)))
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGCONT) }
    #expect(try !connection.answers(within: .milliseconds(200)))
    #expect(try !connection.answers(within: .milliseconds(200)))
    kill(pid, SIGCONT)
    #expect(try connection.answers(within: .seconds(30)))
    #expect(try connection.query("SELECT 7").int(0, 0) == 7)
  }

  private func request(_ source: SourcePlace, pool: Int?) throws -> RunRequest {
    let plan = try PlanReader.read(
      bytes: Array(
        #"{name:"t",source:{kind:"postgres"},tables:{t:{from:"o",key:"id",columns:{id:"id"}}}}"#
          .utf8))
    var databases = RunRequest.Databases(
      source: source, target: try ConnectionString("postgres://h/target"))
    databases.poolSize = pool
    return RunRequest(plan: plan, databases: databases)
  }

  @Test func lanesFitIntoThePool() throws {
    let apart = SourcePlace.postgres(try ConnectionString("postgres://h/source"))
    let same = SourcePlace.postgres(try ConnectionString("postgres://h/target"))
    let mongo = SourcePlace(
      MongoKind(try DatabaseURL("mongodb://h/legacy"), setting: "MONGODB_URL"))
    let dump = SourcePlace(DumpKind(try DatabaseURL("/dump"), setting: "MONGODB_URL"))
    for (place, least) in [(apart, 3), (same, 6), (mongo, 4), (dump, 3)] {
      #expect(throws: MigrationError.self) {
        try ConnectionBudget(request(place, pool: least - 1)).require()
      }
      let budget = try ConnectionBudget(request(place, pool: least))
      try budget.require()
      #expect(budget.lanes == 1)
      #expect(budget.shortage(of: 1) == nil)
      #expect(budget.shortage(of: 2) != nil)
    }
    #expect(try ConnectionBudget(request(apart, pool: 10)).lanes == 8)
    #expect(try ConnectionBudget(request(same, pool: 10)).lanes == 3)
    #expect(try ConnectionBudget(request(apart, pool: nil)).lanes == 256)
  }
}
