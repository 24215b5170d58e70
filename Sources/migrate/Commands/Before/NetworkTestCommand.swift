import MigrationCore

/// `migrate network-test`: are the databases near enough?
enum NetworkTestCommand {
  static let times = Option.integer(
    "repeat", "N", in: 1...10_000, otherwise: 50, help: "How many round trips to measure.")

  static let page = CommandPage(
    words: ["network-test"], group: .check,
    summary: "Measure round trips and throughput to each database.",
    discussion: [
      "Round trips are those of an empty request: the fastest, the median, the one that all but a "
        + "twentieth stay below, and the slowest. Then 16 MiB are read, made by the server or out of "
        + "its collections, and 16 MiB are written to the target and the backup database, into a "
        + "temporary table. The source is only read.",
      "The median is held against the plan's thresholds.roundTrip (50 ms if nothing is set). The exit "
        + "code is 4 where it is missed, or where a database could not be measured.",
    ],
    options: [times.spec, SharedOptions.statementTimeout.spec],
    examples: [
      ("migrate network-test", "from the machine that will migrate"),
      ("migrate network-test --repeat 1000 --json", "for a closer look"),
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
      remedy: "set \(ConfiguredDatabases.settings(for: role)), for instance in .env")
  }

  private static func run(
    _ invocation: Invocation, _ settings: Settings, _ console: Console,
    _ databases: ConfiguredDatabases
  ) throws -> ExitCode {
    let limit = try limit(invocation, settings)
    let test = NetworkTest(settings, repetitions: invocation[times])
    let readings = databases.all.map { database in
      console.note("measuring the way to the \(database.role.rawValue)")
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

  /// The plan's limit, if there is a plan.
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
    guard !reading.isFile else { return "\(title) a dump on this machine, no network between" }
    let trips = [
      ("fastest", reading.trips.first), ("median", reading.median),
      ("95 %", reading.slowTwentieth), ("slowest", reading.trips.last),
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
