import MigrationBasics
import Mongo

extension NetworkTest {
  func mongo(_ reading: inout NetworkReading) throws {
    let database = reading.database
    let url = try MongoURL(database.url.connectionString)
    let client: MongoClient
    do {
      client = try MongoClient(
        url, options: .init(timeout: connectTimeout, operationTimeout: statementTimeout))
    } catch {
      throw MigrationError(connecting: error, to: database.url, setting: database.setting)
    }
    try client.ping()
    for _ in 0..<repetitions { reading.trips.append(try client.ping()) }
    reading.reading = try receive(client, url.database ?? "test")
  }

  /// Reads documents of every collection until there are enough of them; nil if there are none.
  private func receive(
    _ client: MongoClient, _ database: String
  ) throws -> NetworkReading.Throughput? {
    let start = ContinuousClock.now
    var bytes = 0
    for info in try client.collections(in: database) where !info.isSystem && bytes < Self.bytes {
      let cursor = try client.find(
        MongoNamespace(database: database, collection: info.name),
        options: FindOptions(batchSize: 1000))
      while bytes < Self.bytes, let batch = try cursor.nextBatch() {
        try batch.forEach { bytes += $0.bytes.count }
      }
    }
    return bytes > 0 ? NetworkReading.Throughput(bytes: bytes, time: .now - start) : nil
  }
}
