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
