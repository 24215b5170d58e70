import MigrationBasics
import Postgres

extension NetworkTest {
  func postgres(_ reading: inout NetworkReading) throws {
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
