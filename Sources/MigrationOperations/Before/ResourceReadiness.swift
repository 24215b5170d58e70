import MigrationBasics
import MigrationEngine
import Postgres

/// Whether machine, disks, tools and servers have what a migration needs.
struct ResourceReadiness {
  let request: ReadinessRequest

  /// A run takes its own connection, that of its heartbeat, two lanes, and one for `status`.
  private static let connections = 5
  /// What the program itself needs at least, besides its look-up tables.
  private static let memory = 256 << 20

  func look(_ part: inout ReadinessPart) throws {
    let databases = ConfiguredDatabases(
      request.settings, sourceSetting: request.plan.source.setting)
    let checks = ReadinessCheck(
      settings: request.settings, databases: databases, environment: request.environment,
      folder: request.folder
    ).run()
    // The round trip is measured better below, and held against the plan's own limit.
    part.findings += checks.filter { $0.name != "round trip" }.compactMap(finding)
    let passed = checks.count { $0.verdict == .pass }
    part.facts.append("\(passed) of \(CountText.of(checks.count, "check")) passed (migrate check)")
    try roundTrips(databases, &part)
    memory(&part)
    for database in databases.all where database.url.kind.canBeTarget {
      try connections(database, &part)
    }
    part.objectToErrors()
  }

  private func finding(_ check: Check) -> ValidationFinding? {
    guard check.verdict != .pass else { return nil }
    return ValidationFinding(
      check.verdict == .failure ? .high : .warning,
      check.subject == .disk ? .disk : .connection, table: "",
      "\(check.subject.rawValue), \(check.name): \(check.finding)", remedy: check.remedy ?? "")
  }

  private func roundTrips(_ databases: ConfiguredDatabases, _ part: inout ReadinessPart) throws {
    let limit = request.plan.thresholds.roundTrip
    for database in databases.all {
      let options = ProbeOptions(
        timeout: request.settings.value(.connectionTimeout), repetitions: 20)
      // What can't be reached is among the checks.
      guard let facts = DatabaseProbe.look(at: database, options).facts,
        !facts.roundTrips.isEmpty
      else { continue }
      let median = facts.medianRoundTrip
      part.facts.append("\(database.role.rawValue): round trip \(median.millisecondText)")
      guard median >= limit else { continue }
      part.findings.append(
        ValidationFinding(
          .high, .connection, table: "",
          "a round trip to the \(database.role.rawValue) takes \(median.millisecondText), required: below "
            + limit.millisecondText,
          remedy: "run migrate closer to the databases; see: migrate network-test"))
    }
  }

  private func memory(_ part: inout ReadinessPart) {
    let machine = MachineResources(folder: request.folder)
    part.facts.append(
      "\(CountText.of(machine.processors, "processor")), \(ByteCount.text(machine.freeMemoryBytes)) of "
        + "\(ByteCount.text(machine.memoryBytes)) memory free")
    guard machine.freeMemoryBytes < Self.memory else { return }
    part.findings.append(
      ValidationFinding(
        .high, .memory, table: "",
        "\(ByteCount.text(machine.freeMemoryBytes)) of memory is free, required: "
          + ByteCount.text(Self.memory),
        remedy: "end other programs, or use a larger machine"))
  }

  private func connections(
    _ database: ConfiguredDatabase, _ part: inout ReadinessPart
  ) throws {
    let place = try ConnectionString(database.url.connectionString)
    // What can't be reached is among the checks.
    guard let connection = try? Connection(to: place) else { return }
    let found = try connection.query(
      """
      SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - (SELECT sum(numbackends) FROM pg_catalog.pg_stat_database)::int
      """)
    let free = found.int(0, 0) ?? 0
    part.facts.append("\(database.role.rawValue): \(CountText.of(free, "connection")) free")
    guard free < Self.connections else { return }
    part.findings.append(
      ValidationFinding(
        .high, .connection, table: "",
        "the \(database.role.rawValue) has \(CountText.of(free, "connection")) left, required: \(Self.connections)",
        remedy: "end idle sessions, or raise max_connections"))
  }
}
