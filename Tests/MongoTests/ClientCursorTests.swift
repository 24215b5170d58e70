import Foundation
import Mongo
import TestSupport
import Testing

@Suite struct ClientCursorTests {
  @Test(arguments: [Int32(1), 7, 100, 1000])
  func smallBatchesMissNothing(_ batchSize: Int32) throws {
    let scratch = try ScratchDatabase()
    let count = batchSize == 1 ? 1000 : 10_500
    let namespace = try scratch.filled("many", count: count)
    let cursor = try scratch.client.find(
      namespace, options: FindOptions(batchSize: batchSize, sort: ["_id": 1]))
    var expected: Int64 = 0
    while try cursor.advance() {
      let id = try cursor.withDocument { view throws(BSONError) in try view.copy()["_id"] }
      #expect(id??.int64Value == expected)
      expected += 1
    }
    #expect(expected == Int64(count))
    #expect(try cursor.advance() == false)
    #expect(cursor.withDocument { _ in true } == nil)
  }

  @Test func wholeBatchesMayGoToAnotherThread() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 2500)
    let cursor = try scratch.client.find(namespace, options: FindOptions(batchSize: 1000))
    var batches: [MongoBatch] = []
    while let batch = try cursor.nextBatch() { batches.append(batch) }
    #expect(try batches.map { try $0.count() }.filter { $0 > 0 } == [1000, 1000, 500])
    let kept = batches
    let total = Total()
    let thread = Thread {
      for batch in kept { try? batch.forEach { view in total.add(view.bytes.count) } }
      total.finish()
    }
    thread.start()
    let expected = try scratch.documents(of: namespace).reduce(0) { $0 + $1.bytes.count }
    #expect(total.wait() == expected)
  }

  @Test func killedCursorIsAnErrorAndNeverAnEnd() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    let cursor = try scratch.client.find(namespace, options: FindOptions(batchSize: 10))
    for _ in 0..<10 { #expect(try cursor.advance()) }
    try scratch.killCursors()
    for _ in 0..<2 {
      let error = #expect(throws: MongoError.self) { try cursor.advance() }
      #expect(error?.code == .cursorNotFound)
      #expect(error?.isCursorLost == true)
      #expect(error?.disposition == .transient)
      #expect(error?.operation == "find \(namespace)")
      #expect(error?.server?.hasPrefix("127.0.0.1:") == true)
    }
  }

  /// A new cursor would find nothing there, and take that for the end.
  @Test func aCursorWhoseCollectionIsDroppedIsNotOpenedAgain() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    let cursor = try scratch.client.find(namespace, options: FindOptions(batchSize: 10))
    for _ in 0..<10 { #expect(try cursor.advance()) }
    _ = try scratch.client.runCommand(["drop": "many"], on: namespace.database)
    let error = #expect(throws: MongoError.self) { try cursor.advance() }
    #expect(error?.code == .queryPlanKilled)
    #expect(error?.disposition == .permanent)
  }

  @Test func droppedCursorIsClosedOnTheServer() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    var cursor: MongoCursor? = try scratch.client.find(
      namespace, options: FindOptions(batchSize: 10))
    #expect(try cursor?.advance() == true)
    #expect(try scratch.openCursors().count == 1)
    cursor = nil
    #expect(try scratch.openCursors().isEmpty)
  }

  @Test func rangesProjectionsAndLimits() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    func ids(_ filter: BSONDocument = [:], _ change: (inout FindOptions) -> Void) throws -> [Int64]
    {
      var options = FindOptions(batchSize: 3, sort: ["_id": 1])
      change(&options)
      return try scratch.documents(of: namespace, filter: filter, options: options)
        .compactMap { $0["_id"]?.int64Value }
    }
    #expect(try ids(["_id": ["$gte": 10, "$lt": 15]]) { _ in } == [10, 11, 12, 13, 14])
    #expect(
      try ids {
        $0.hint = ["_id": 1]
        $0.minimum = ["_id": 97]
      } == [97, 98, 99])
    #expect(
      try ids {
        $0.hint = ["_id": 1]
        $0.minimum = ["_id": 5]
        $0.maximum = ["_id": 7]
      } == [5, 6])
    #expect(
      try ids {
        $0.limit = 4
        $0.skip = 2
        $0.noCursorTimeout = true
        $0.maxTime = .seconds(30)
        $0.allowDiskUse = true
        $0.comment = "chunk 7"
        $0.readConcern = .majority
      } == [2, 3, 4, 5])
    var onlyID = FindOptions(sort: ["_id": 1])
    onlyID.projection = ["_id": 1]
    #expect(try scratch.documents(of: namespace, options: onlyID).first == ["_id": 0])
  }

  @Test func aggregatesAcrossBatches() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 500)
    let cursor = try scratch.client.aggregate(
      namespace,
      pipeline: [["$match": ["_id": ["$gte": 100]]], ["$sort": ["_id": -1]]],
      options: FindOptions(batchSize: 50))
    var ids: [Int64] = []
    try cursor.forEach { view in ids.append(try view.copy()["_id"]?.int64Value ?? -1) }
    #expect(ids == (100..<500).reversed())
  }

  @Test func serverTimeLimitIsTransient() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    var options = FindOptions()
    options.maxTime = .milliseconds(50)
    let slow: BSONDocument = ["$where": .javascript("sleep(20) || true")]
    let error = #expect(throws: MongoError.self) {
      try scratch.documents(of: namespace, filter: slow, options: options)
    }
    #expect(error?.code == .exceededTimeLimit)
    #expect(error?.disposition == .transient)
  }

  @Test func wrongQueryIsPermanent() throws {
    let scratch = try ScratchDatabase()
    let error = #expect(throws: MongoError.self) {
      try scratch.client.find(scratch.namespace("none"), filter: ["$nonsense": 1])
    }
    #expect(error?.code == MongoErrorCode(server: 2))
    #expect(error?.disposition == .permanent)
  }

  @Test func snapshotsSeeOneMoment() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 100)
    let moment = try #require(try scratch.client.operationTime())
    let session = try scratch.client.startSession(snapshot: true)
    #expect(try scratch.client.count(namespace, session: session) == 100)
    try scratch.client.insert([["_id": 1000]], into: namespace)
    #expect(try scratch.client.count(namespace, session: session) == 100)
    var options = FindOptions()
    options.atClusterTime = moment
    #expect(try scratch.documents(of: namespace, options: options).count == 100)
    #expect(try scratch.client.count(namespace) == 101)
  }

  @Test func operationTimeoutEndsAReadThatHangs() throws {
    let scratch = try ScratchDatabase()
    let namespace = try scratch.filled("many", count: 2)
    let impatient = try MongoClient(
      MongoURL(try TestServers.mongoURL()), options: .init(operationTimeout: .milliseconds(300)))
    let started = ContinuousClock.now
    let error = #expect(throws: MongoError.self) {
      try impatient.find(namespace, filter: ["$where": .javascript("sleep(6000) || true")])
    }
    #expect(error?.domain == .stream)
    #expect(error?.disposition == .transient)
    #expect(.now - started < .seconds(6))
    #expect(try impatient.count(namespace) == 2)
  }
}

/// A number added up on one thread and waited for on another.
private final class Total: @unchecked Sendable {
  private let condition = NSCondition()
  private var sum = 0
  private var isFinished = false

  func add(_ count: Int) { condition.withLock { sum += count } }

  func finish() {
    condition.withLock {
      isFinished = true
      condition.broadcast()
    }
  }

  func wait() -> Int {
    condition.lock()
    defer { condition.unlock() }
    while !isFinished { condition.wait() }
    return sum
  }
}
