import MigrationBasics
import MigrationEngine
import Mongo
import Postgres

/// How a database answers over the network: the time of round trips, and how fast rows come and go.
package struct NetworkReading: Sendable {
  /// Bytes that were moved, and the time that it took.
  package struct Throughput: Sendable, Hashable {
    package let bytes: Int
    package let time: Duration

    /// MiB a second.
    package var speed: Double {
      let seconds = time / .seconds(1)
      return seconds > 0 ? Double(bytes) / Double(1 << 20) / seconds : 0
    }
  }

  package let database: ConfiguredDatabase
  /// In ascending order.
  package var trips: [Duration] = []
  package var reading: Throughput?
  package var writing: Throughput?
  /// Why it could not be measured; nil if it was.
  package var failure: String?
  /// Whether there is a network between: a dump is a file.
  package var isFile: Bool { database.url.kind == .dump }

  init(_ database: ConfiguredDatabase) { self.database = database }

  package var median: Duration? { trips.isEmpty ? nil : trips[trips.count / 2] }

  /// The time that all but a twentieth of the round trips stay below.
  package var slowTwentieth: Duration? {
    trips.isEmpty ? nil : trips[min(trips.count - 1, trips.count * 95 / 100)]
  }

  package func isGood(_ limit: Duration) -> Bool {
    if isFile { return failure == nil }
    return failure == nil && median.map { $0 < limit } ?? false
  }
}

/// Measures the way to a database. The source is only read; others get a temporary table.
package struct NetworkTest: Sendable {
  package let connectTimeout: Duration
  package let statementTimeout: Duration?
  package let repetitions: Int

  /// So much is sent and received.
  private static let bytes = 16 << 20

  package init(_ settings: Settings, repetitions: Int) {
    connectTimeout = settings.value(.connectionTimeout)
    statementTimeout = settings.readingLimits().statementTimeout
    self.repetitions = repetitions
  }

  /// Measures one database; that it can't be reached is part of the result.
  package func measure(_ database: ConfiguredDatabase) -> NetworkReading {
    var reading = NetworkReading(database)
    do {
      switch database.url.kind {
      case .postgres: try postgres(&reading)
      case .mongo: try mongo(&reading)
      case .dump: _ = try DumpProbe(database: database).run()
      }
    } catch {
      reading.failure = CheckFailure(error).what
    }
    reading.trips.sort()
    return reading
  }

  private func postgres(_ reading: inout NetworkReading) throws {
    let database = reading.database
    var options = ConnectionOptions()
    (options.connectTimeout, options.statementTimeout) = (connectTimeout, statementTimeout)
    let connection: Connection
    do {
      connection = try Connection(
        to: ConnectionString(database.url.connectionString), options: options)
    } catch let error as PostgresError {
      throw MigrationError(connecting: error, to: database.url, setting: database.setting)
    }
    _ = try connection.ping()
    for _ in 0..<repetitions { reading.trips.append(try connection.ping()) }
    reading.reading = try receive(connection)
    if database.role != .source { reading.writing = try send(connection) }
  }

  /// Rows that the server makes itself, so that no table has to be there.
  private func receive(_ connection: Connection) throws -> NetworkReading.Throughput {
    let start = ContinuousClock.now
    var bytes = 0
    let rows = try connection.copyOut(
      """
      COPY (SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, \(Self.bytes / 1000)) n)
      TO STDOUT (FORMAT binary)
      """)
    while try rows.next({ bytes += $0.count }) {}
    return NetworkReading.Throughput(bytes: bytes, time: .now - start)
  }

  private func send(_ connection: Connection) throws -> NetworkReading.Throughput {
    try connection.execute("CREATE TEMP TABLE migrate_network_test (row text)")
    let buffer = CopyBuffer()
    let line = String(repeating: "0123456789abcdef", count: 64) + "\n"
    let start = ContinuousClock.now
    let copy = try connection.copyIn("COPY pg_temp.migrate_network_test FROM STDIN")
    var bytes = 0
    while bytes < Self.bytes {
      buffer.append(line)
      bytes += line.utf8.count
      try copy.sendIfFull(buffer)
    }
    try copy.send(buffer)
    _ = try copy.finish()
    let time = ContinuousClock.now - start
    try connection.execute("DROP TABLE pg_temp.migrate_network_test")
    return NetworkReading.Throughput(bytes: bytes, time: time)
  }
}

// MongoDB.
extension NetworkTest {
  private func mongo(_ reading: inout NetworkReading) throws {
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
