import MigrationBasics
import Mongo
import Synchronization

/// A MongoDB database that rows are read from.
///
/// There is no snapshot that would last for a whole migration: documents are read as they are when
/// their chunk is read.
final class MongoSource: RowSource {
  private let url: MongoURL
  private let place: DatabaseURL
  private let setting: String
  private let database: String
  private let connectTimeout: Duration
  private let hasConnected = Mutex(false)
  private let hasChanged = Mutex(false)
  private let idle = IdleMongoClients()

  init(_ place: DatabaseURL, setting: String, connectTimeout: Duration?) throws {
    (self.place, self.setting) = (place, setting)
    self.connectTimeout = connectTimeout ?? .seconds(30)
    do {
      url = try MongoURL(place.connectionString)
    } catch {
      throw MigrationError(
        .configuration, "\(setting): \(error)", reason: "badURL", place: place.redacted)
    }
    guard let name = url.database else {
      throw MigrationError(
        .configuration, "\(setting) names no database", place: place.redacted,
        remedy: "add it behind the hosts: mongodb://host:27017/DATABASE")
    }
    database = name
  }

  /// As far as is known: see `SourceState`.
  var isOneMoment: Bool { !hasChanged.withLock { $0 } }

  func noteChange() { hasChanged.withLock { $0 = true } }

  func open(timeout: Duration?) throws -> any RowReader {
    let client = try idle.take(timeout: timeout) ?? connect(timeout)
    return MongoReader(client, database: database) { [idle] in
      idle.keep($0, timeout: timeout)
    }
  }

  func release() { idle.drop() }

  func close(idleFor time: Duration) { idle.close(idleFor: time) }

  /// Asks on a connection that is kept for that, whose operations wait no longer.
  func answers(within time: Duration) throws -> Bool? {
    guard hasConnected.withLock({ $0 }) else { return nil }
    let client = try idle.pop(time) ?? connect(time)
    guard client.isServing else { return false }
    idle.keep(client, timeout: time, isForHealth: true)
    return true
  }

  /// Connects; after the first time it waits for a server that is away for a moment.
  private func connect(_ timeout: Duration?) throws -> MongoClient {
    let waits = hasConnected.withLock { $0 }
    let options = MongoClient.Options(
      timeout: connectTimeout, operationTimeout: timeout, waitsForServer: waits)
    do {
      let client = try MongoClient(url, options: options)
      hasConnected.withLock { $0 = true }
      return client
    } catch {
      if waits { throw SourceError(error) }
      throw MigrationError(connecting: error, to: place, setting: setting)
    }
  }
}
