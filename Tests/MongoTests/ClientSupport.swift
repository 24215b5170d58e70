import Foundation
import Mongo
import TestSupport

/// A MongoDB database that lives as long as a test.
final class ScratchDatabase {
  let client: MongoClient
  let name = "test_\(UUID().uuidString.prefix(8).lowercased())"

  init() throws { client = try MongoClient(MongoURL(try TestServers.mongoURL())) }

  func namespace(_ collection: String) -> MongoNamespace {
    MongoNamespace(database: name, collection: collection)
  }

  /// A collection with documents `{_id: 0…count-1}` and some padding.
  func filled(_ collection: String, count: Int, padding: Int = 20) throws -> MongoNamespace {
    let text = BSONValue(String(repeating: "x", count: padding))
    let documents = (0..<count).map { BSONDocument([("_id", BSONValue($0)), ("padding", text)]) }
    try client.insert(documents, into: namespace(collection))
    return namespace(collection)
  }

  deinit { try? client.dropDatabase(name) }
}

/// Connects, and returns why it failed and how long that took.
func connectFailure(
  _ url: String, timeout: Duration = .seconds(5), waits: Bool = false
) throws -> (error: MongoConnectionError?, duration: Duration) {
  let started = ContinuousClock.now
  do {
    _ = try MongoClient(
      try MongoURL(url), options: .init(timeout: timeout, waitsForServer: waits))
    return (nil, .now - started)
  } catch let error as MongoConnectionError {
    return (error, .now - started)
  }
}

/// Replaces parts of a URL of the test servers.
func changed(_ url: String, _ change: (inout URLComponents) -> Void) throws -> String {
  guard var components = URLComponents(string: url) else {
    throw TestSetupFailure("not a URL")
  }
  change(&components)
  return components.string ?? url
}

/// What keeps a test from being set up.
struct TestSetupFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension ScratchDatabase {
  /// Copies everything that a query finds.
  func documents(
    of namespace: MongoNamespace, filter: BSONDocument = [:], options: FindOptions = FindOptions()
  ) throws -> [BSONDocument] {
    var documents: [BSONDocument] = []
    try client.find(namespace, filter: filter, options: options)
      .forEach { documents.append(try $0.copy()) }
    return documents
  }

  /// The numbers of the idle cursors on this database.
  func openCursors() throws -> [BSONValue] {
    let cursor = try client.aggregate(
      onDatabase: "admin", pipeline: [["$currentOp": ["idleCursors": true]]])
    var found: [BSONValue] = []
    try cursor.forEach { view in
      let operation = try view.copy()
      guard operation["type"]?.stringValue == "idleCursor",
        operation["ns"]?.stringValue?.hasPrefix(name + ".") == true,
        let id = operation[["cursor", "cursorId"]]
      else { return }
      found.append(id)
    }
    return found
  }

  /// Kills the cursors on this database as an operator would, from another connection.
  func killCursors() throws {
    let other = try MongoClient(MongoURL(try TestServers.mongoURL()))
    let killed = try other.runCommand(
      ["killCursors": "many", "cursors": .array(BSONArray(try openCursors()))], on: name)
    guard killed["cursorsKilled"]?.arrayValue?.document.isEmpty == false else {
      throw TestSetupFailure("no cursor was killed: \(killed)")
    }
  }
}
