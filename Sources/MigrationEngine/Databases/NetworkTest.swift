import MigrationBasics

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
  package var isFile: Bool { database.url.kind.isFile }

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
  static let bytes = 16 << 20

  package init(_ settings: Settings, repetitions: Int) {
    connectTimeout = settings.value(.connectionTimeout)
    statementTimeout = settings.readingLimits().statementTimeout
    self.repetitions = repetitions
  }

  /// Measures one database; that it can't be reached is part of the result.
  package func measure(_ database: ConfiguredDatabase) -> NetworkReading {
    var reading = NetworkReading(database)
    do {
      guard let kind = SourceKinds.kind(of: database.url) else { throw database.unknownKind }
      try kind.measure(&reading, by: self)
    } catch {
      reading.failure = CheckFailure(error).what
    }
    reading.trips.sort()
    return reading
  }
}
