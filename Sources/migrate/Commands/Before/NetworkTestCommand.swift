import MigrationCore

/// `migrate network-test`: measures the network to the databases.
enum NetworkTestCommand {
  static let times = Option.integer(
    "repeat", "N", in: 1...10_000, otherwise: 50,
    help: "The number of round trips to measure (default: 50).")

  static let page = CommandPage(
    words: ["network-test"], group: .check,
    summary: "Measure round trips and throughput to each database.",
    discussion: [
      "Measures round trips of an empty request: fastest, median, 95th percentile and "
        + "slowest. Then reads 16 MiB from each database, and writes 16 MiB into a temporary "
        + "table of the target and the backup database. Does not write to the source.",
      "Compares the median with the plan's thresholds.roundTrip (default: 50 ms). Exits "
        + "with 4 if a median is above it, or if a database could not be measured.",
    ],
    options: [times.spec, SharedOptions.statementTimeout.spec],
    examples: [
      ("migrate network-test", "on the machine that runs the migration"),
      ("migrate network-test --repeat 1000 --json", "more precisely, for a script"),
    ],
    exitCodes: [.done, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let databases = try invocation.databases(settings)
    guard let role = databases.missing.first else {
      return try run(invocation, settings, console, databases)
    }
    throw MigrationError(
      .configuration, "no \(role.rawValue) database is set",
      remedy: "set \(ConfiguredDatabases.settings(for: role)) in .env")
  }

  private static func run(
    _ invocation: Invocation, _ settings: Settings, _ console: Console,
    _ databases: ConfiguredDatabases
  ) throws -> ExitCode {
    let limit = try limit(invocation, settings)
    let test = NetworkTest(settings, repetitions: invocation[times])
    let readings = databases.all.map { database in
      console.note("measuring the \(database.role.rawValue)")
      return test.measure(database)
    }
    let isGood = readings.allSatisfy { $0.isGood(limit) }
    if console.isJSON {
      console.result([
        "ok": .bool(isGood), "limitMilliseconds": .double(limit / .milliseconds(1)),
        "databases": .array(readings.map { document($0, limit) }),
      ])
    } else {
      for reading in readings { console.result(line(reading, limit, console)) }
    }
    return isGood ? .done : .validation
  }

  /// Returns the plan's limit, or the default without a plan.
  private static func limit(_ invocation: Invocation, _ settings: Settings) throws -> Duration {
    guard settings.value(.plan) != nil else { return Thresholds().roundTrip }
    return try settings.plan(at: invocation.planLocation(settings).planFile).thresholds
      .roundTrip
  }

  private static func line(
    _ reading: NetworkReading, _ limit: Duration, _ console: Console
  ) -> String {
    let mark = console.output.mark(reading.isGood(limit) ? .pass : .failure)
    let title = "\(mark) \(reading.database.role.rawValue) (\(reading.database.setting)):"
    if let failure = reading.failure { return "\(title) could not be measured: \(failure)" }
    guard !reading.isFile else { return "\(title) a dump on this machine, no network" }
    let trips = [
      ("fastest", reading.trips.first), ("median", reading.median),
      ("95%", reading.slowTwentieth), ("slowest", reading.trips.last),
    ].compactMap { name, time in time.map { "\(name) \($0.millisecondText)" } }
    let speeds = [("reading", reading.reading), ("writing", reading.writing)].compactMap { way in
      way.1.map { "\(way.0) \(Self.tenths($0.speed)) MiB/s" }
    }
    return "\(title) \((trips + speeds).joined(separator: ", ")); limit \(limit.millisecondText)"
  }

  private static func tenths(_ number: Double) -> Double { (number * 10).rounded() / 10 }

  private static func document(_ reading: NetworkReading, _ limit: Duration) -> JSONValue {
    func time(_ duration: Duration?) -> JSONValue {
      duration.map { .double($0 / .milliseconds(1)) } ?? .null
    }
    func speed(_ throughput: NetworkReading.Throughput?) -> JSONValue {
      throughput.map { .double(tenths($0.speed)) } ?? .null
    }
    return [
      "role": .text(reading.database.role.rawValue),
      "setting": .text(reading.database.setting), "ok": .bool(reading.isGood(limit)),
      "failure": .optional(reading.failure), "roundTrips": .int(reading.trips.count),
      "milliseconds": [
        "fastest": time(reading.trips.first), "median": time(reading.median),
        "p95": time(reading.slowTwentieth), "slowest": time(reading.trips.last),
      ],
      "readMiBPerSecond": speed(reading.reading), "writeMiBPerSecond": speed(reading.writing),
    ]
  }
}
