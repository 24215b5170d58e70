import Foundation
import Mongo
import TestSupport
import Testing

@Suite("Reading dumps")
struct DumpReadTests {
  static let forms = ["plain", "compressed", "archive", "archive.gz"]

  @Test("collections are listed with kind, options and indexes", arguments: forms)
  func listing(form: String) throws {
    let dump = try Dump.open(try DumpFixtures.path(form))
    let own = dump.collections.filter { !$0.isSystem }
    #expect(
      own.map(\.namespace) == [
        "other.weather", "shop.a/b$c", "shop.big_orders", "shop.empty", "shop.orders", "shop.users",
      ])
    #expect(
      own.map(\.kind) == [.timeseries, .collection, .view, .collection, .collection, .collection])
    let users = try dump.collection("shop", "users")
    #expect(users.metadata.indexes.count == 2)
    #expect(
      users.metadata.indexes.last?["partialFilterExpression"] == ["email": ["$type": "string"]])
    #expect(users.metadata.uuid == "0123456789abcdef0123456789abcdef")
    #expect(try dump.collection("shop", "empty").metadata.options["size"] == 4096)
    #expect(try dump.collection("shop", "big_orders").documentCount == 0)
    #expect(dump.notes.contains { $0.contains("oplog") })
  }

  @Test("documents come whole and in order", arguments: forms)
  func reading(form: String) throws {
    let dump = try Dump.open(try DumpFixtures.path(form))
    let orders = try documents(dump, "shop", "orders")
    #expect(orders.map { $0["_id"]?.int64Value } == (0..<2000).map { Int64($0) })
    #expect(orders[60]["text"] == "order 60 é")
    #expect(try documents(dump, "shop", "users").count == 300)
    #expect(try documents(dump, "shop", "a/b$c") == [["_id": 1, "odd": true]])
    #expect(try documents(dump, "shop", "empty").isEmpty)
    #expect(try documents(dump, "shop", "big_orders").isEmpty)
    #expect(try documents(dump, "other", "weather").count == 1)
  }

  @Test("one pass reads every collection", arguments: forms)
  func onePass(form: String) throws {
    let dump = try Dump.open(try DumpFixtures.path(form))
    var counts: [String: Int] = [:]
    try dump.readAll(options: DumpReadOptions()) { collection, _ in
      counts[collection.namespace, default: 0] += 1
    }
    counts["shop.system.profile"] = nil
    #expect(
      counts == ["shop.orders": 2000, "shop.users": 300, "shop.a/b$c": 1, "other.weather": 1])
  }

  @Test("the folder of one database is a dump too")
  func oneDatabase() throws {
    let dump = try Dump.open(try DumpFixtures.path("plain/shop"))
    #expect(Set(dump.collections.map(\.database)) == ["shop"])
    #expect(try documents(dump, "shop", "orders").count == 2000)
  }

  @Test("each document's offset is where its bytes are")
  func offsets() throws {
    let dump = try DumpFolder(try DumpFixtures.path("plain"))
    let users = try dump.collection("shop", "users")
    let file = try Data(contentsOf: URL(fileURLWithPath: try #require(users.file)))
    try dump.read(users) { document in
      let range = Int(document.offset)..<Int(document.offset) + document.view.bytes.count
      #expect(Array(file[range]) == Array(document.view.bytes))
      #expect(document.file == users.file)
    }
  }

  @Test("ranges between cuts hold every document once", arguments: [1, 999, 10_000, 1 << 40])
  func ranges(size: Int64) throws {
    let dump = try DumpFolder(try DumpFixtures.path("plain"))
    let orders = try dump.collection("shop", "orders")
    let cuts = try dump.cuts(of: orders, every: size)
    #expect(cuts.first == 0 && cuts.last == orders.byteCount)
    var ids: [Int64] = []
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      try dump.read(orders, bytes: from..<to) { document in
        ids.append(try #require(try document.view.copy()["_id"]?.int64Value))
      }
    }
    #expect(ids == (0..<2000).map { Int64($0) })
  }

  @Test("a range that is not cut at documents is an error")
  func wrongRange() throws {
    let dump = try DumpFolder(try DumpFixtures.path("plain"))
    let orders = try dump.collection("shop", "orders")
    #expect(throws: DumpError.self) { try dump.read(orders, bytes: 3..<500) { _ in } }
    #expect(throws: DumpError.self) { try dump.read(orders, bytes: 0..<10) { _ in } }
  }

  @Test("what the reader throws ends the reading, and comes out as it is")
  func stopping() throws {
    struct Enough: Error {}
    let dump = try Dump.open(try DumpFixtures.path("archive.gz"))
    var count = 0
    #expect(throws: Enough.self) {
      try dump.readAll(options: DumpReadOptions()) { _, _ in
        count += 1
        if count == 5 { throw Enough() }
      }
    }
    #expect(count == 5)
  }
}
