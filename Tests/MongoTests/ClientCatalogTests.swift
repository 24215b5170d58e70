import Mongo
import TestSupport
import Testing

@Suite struct ClientCatalogTests {
  @Test func listsCollectionsViewsAndTimeSeries() throws {
    let scratch = try ScratchDatabase()
    let client = scratch.client
    let plain = try scratch.filled("plain", count: 10)
    try client.createCollection(
      scratch.namespace("ring"), options: ["capped": true, "size": 4096])
    try client.createCollection(
      scratch.namespace("seen"),
      options: ["viewOn": "plain", "pipeline": [["$match": ["_id": ["$gte": 7]]]]])
    try client.createCollection(
      scratch.namespace("measured"), options: ["timeseries": ["timeField": "at"]])

    let listed = try client.collections(in: scratch.name).filter { !$0.isSystem }
    #expect(listed.map(\.name) == ["measured", "plain", "ring", "seen"])
    #expect(listed.map(\.kind) == [.timeSeries, .collection, .collection, .view])
    #expect(listed.map(\.isCapped) == [false, false, true, false])
    #expect(listed.last?.options["viewOn"]?.stringValue == "plain")
    #expect(try client.collection(plain)?.kind == .collection)
    #expect(try client.collection(scratch.namespace("none")) == nil)
    #expect(try client.hasCollections(scratch.name))
    #expect(try client.databaseNames().contains(scratch.name))
  }

  @Test func viewsAreCountedAndReadAndHaveNoIndexesOrSizes() throws {
    let scratch = try ScratchDatabase()
    let client = scratch.client
    _ = try scratch.filled("plain", count: 10)
    let view = scratch.namespace("seen")
    try client.createCollection(
      view, options: ["viewOn": "plain", "pipeline": [["$match": ["_id": ["$gte": 7]]]]])
    #expect(try client.estimatedCount(view) == 3)
    #expect(try client.count(view) == 3)
    #expect(try client.count(view, filter: ["_id": 8]) == 1)
    #expect(try client.sizes(of: view) == nil)
    #expect(try client.indexes(of: view).isEmpty)
    #expect(try scratch.documents(of: view).count == 3)
  }

  @Test func cappedCollectionsKeepOnlyWhatFits() throws {
    let scratch = try ScratchDatabase()
    let ring = scratch.namespace("ring")
    try scratch.client.createCollection(
      ring, options: ["capped": true, "size": 1_000_000, "max": 50])
    _ = try scratch.filled("ring", count: 200)
    #expect(try scratch.client.count(ring) == 50)
    let ids = try scratch.documents(of: ring).compactMap { $0["_id"]?.int64Value }
    #expect(ids == Array(150..<200))
  }

  @Test func countsAndSizes() throws {
    let scratch = try ScratchDatabase()
    let many = try scratch.filled("many", count: 1000, padding: 1000)
    #expect(try scratch.client.estimatedCount(many) == 1000)
    #expect(try scratch.client.count(many) == 1000)
    #expect(try scratch.client.count(many, filter: ["_id": ["$lt": 10]]) == 10)
    let sizes = try #require(try scratch.client.sizes(of: many))
    let bytes = try scratch.documents(of: many).reduce(0) { $0 + Int64($1.bytes.count) }
    #expect(sizes.documentCount == 1000)
    #expect(sizes.dataBytes == bytes)
    #expect(sizes.averageDocumentBytes == bytes / 1000)
    #expect(sizes.indexBytes > 0)
    #expect(try scratch.client.sizes(ofDatabase: scratch.name).dataBytes == bytes)
  }

  @Test func missingCollections() throws {
    let scratch = try ScratchDatabase()
    let none = scratch.namespace("none")
    #expect(try scratch.documents(of: none).isEmpty)
    #expect(try scratch.client.estimatedCount(none) == 0)
    #expect(try scratch.client.count(none) == 0)
    for attempt in [
      { _ = try scratch.client.indexes(of: none) }, { _ = try scratch.client.sizes(of: none) },
    ] {
      let error = #expect(throws: MongoError.self) { try attempt() }
      #expect(error?.code == .namespaceNotFound)
    }
    try scratch.client.drop(none)
    #expect(try scratch.client.sizes(ofDatabase: scratch.name).documentCount == 0)
  }

  @Test func indexes() throws {
    let scratch = try ScratchDatabase()
    let many = try scratch.filled("many", count: 10)
    try scratch.client.createIndex(
      on: many, name: "by_two", keys: ["padding": 1, "_id": -1], unique: true)
    let listed = try scratch.client.indexes(of: many)
    #expect(listed.map(\.name) == ["_id_", "by_two"])
    #expect(listed.map(\.isUnique) == [true, true])
    #expect(listed.last?.keys.map(\.key.description) == ["padding", "_id"])
    #expect(listed.last?.isSparse == false && listed.last?.isPartial == false)
  }
}
