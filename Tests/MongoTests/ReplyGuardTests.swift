import Foundation
import Mongo
import TestSupport
import Testing

/// Replies whose lengths and kinds are wrong, on which the driver alone crashes. They cost a connection.
@Suite struct ReplyGuardTests {
  private static func proxy() throws -> MongoReplyProxy {
    let url = try #require(URLComponents(string: TestServers.mongoURL()))
    return try MongoReplyProxy(to: UInt16(try #require(url.port)))
  }

  private static func connect(_ proxy: MongoReplyProxy) throws -> MongoClient {
    try MongoClient(
      MongoURL(proxy.url(TestServers.mongoURL())),
      options: .init(timeout: .seconds(5), operationTimeout: .milliseconds(500)))
  }

  /// How the answer to a command is changed: an OP_MSG of header, flags, kind of section and document.
  private static let changes: [(what: String, MongoReplyProxy.Change)] = [
    ("a document without its end", { set($0, $0.count - 1, [7]) }),
    ("a document of no length", { set($0, 21, [0, 0, 0, 0]) }),
    ("a document of negative length", { set($0, 21, [0xFF, 0xFF, 0xFF, 0xFF]) }),
    ("a document that is shorter", { set($0, 21, [5, 0, 0, 0]) }),
    ("a document that is longer", { set($0, 21, [0, 0, 1, 0]) }),
    ("a sequence", { set($0, 20, [1]) }),
    ("an unknown kind of section", { set($0, 20, [200]) }),
    ("an old reply", { set($0, 12, [1, 0, 0, 0]) }),
    ("a compressed reply", { set($0, 12, [0xDC, 7, 0, 0]) }),
    ("an insertion", { set($0, 12, [0xD2, 7, 0, 0]) }),
    ("an unknown message", { set($0, 12, [9, 9, 9, 9]) }),
    ("a short message", { set($0, 0, [18, 0, 0, 0]) }),
    ("a message of no length", { set($0, 0, [0, 0, 0, 0]) }),
    ("a message of negative length", { set($0, 0, [0, 0, 0, 0x80]) }),
    ("bytes before", { [1, 2, 3] + $0 }),
    ("bytes within", { $0[..<18] + [1, 2, 3] + $0[18...] }),
  ]

  private static func set(_ reply: [UInt8], _ place: Int, _ bytes: [UInt8]) -> [UInt8] {
    var reply = reply
    reply.replaceSubrange(place..<place + bytes.count, with: bytes)
    return reply
  }

  @Test(arguments: changes.indices)
  func aReplyOfAnotherShapeIsALostConnection(_ index: Int) throws {
    let (what, change) = Self.changes[index]
    let proxy = try Self.proxy()
    let client = try Self.connect(proxy)
    proxy.change(change)
    let error = try #require(throws: MongoError.self, "\(what)") {
      _ = try client.runCommand(["ping": 1], on: "admin")
    }
    #expect(error.disposition == .transient, "\(what): \(error)")
    proxy.change(nil)
    #expect(try Self.connect(proxy).runCommand(["ping": 1], on: "admin")["ok"] == 1.0)
  }

  /// An answer that says it is longer than it is, if a query may take as long as it likes.
  @Test func anAnswerThatDoesNotGoOnIsALostConnection() throws {
    let proxy = try Self.proxy()
    let client = try MongoClient(
      MongoURL(proxy.url(TestServers.mongoURL())),
      options: .init(timeout: .seconds(5), operationTimeout: .seconds(120)))
    proxy.change { Self.set($0, 1, [$0[1] + 1]) }
    let begun = ContinuousClock.now
    let error = try #require(throws: MongoError.self) {
      _ = try client.runCommand(["ping": 1], on: "admin")
    }
    #expect(error.disposition == .transient)
    #expect(ContinuousClock.now - begun < .seconds(30))
  }

  /// From the first greeting to the last batch, a few bytes of one reply in six.
  @Test(arguments: [1, 2, 3, 4]) func randomDamageIsAnErrorAtWorst(_ seed: UInt64) throws {
    let database = try ScratchDatabase()
    let namespace = try database.filled("things", count: 200)
    let proxy = try Self.proxy()
    let random = SharedRandom(seed)
    proxy.change { random.damage($0) }
    var (failed, read) = (0, 0)
    let end = ContinuousClock.now + .seconds(4)
    while ContinuousClock.now < end {
      do {
        let client = try Self.connect(proxy)
        for _ in 0..<5 {
          try client.find(namespace, options: .init(batchSize: 50)).forEach { _ in read += 1 }
        }
      } catch {
        failed += 1
      }
    }
    #expect(failed > 5 && read > 50, "\(failed) failed, \(read) read")
  }
}

/// Draws what is damaged, from several threads.
private final class SharedRandom: @unchecked Sendable {
  private let lock = NSLock()
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  func damage(_ reply: [UInt8]) -> [UInt8] {
    lock.lock()
    defer { lock.unlock() }
    guard next(6) == 0 else { return reply }
    var reply = reply
    // Half of them where the lengths are.
    let place = next(2) == 0 ? next(min(reply.count, 44)) : next(reply.count)
    for index in place..<min(reply.count, place + 1 + next(4)) { reply[index] = UInt8(next(256)) }
    if next(4) == 0 {
      reply.insert(contentsOf: (0...next(20)).map { _ in UInt8(next(256)) }, at: place)
    }
    return reply
  }

  private func next(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}
