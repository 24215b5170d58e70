import FoundationEssentials
import Glibc
import MigrationCore
import Postgres

/// Builds a run request from the command line and the settings.
struct RunCommandRequest {
  private let invocation: Invocation
  private let settings: Settings

  init(_ invocation: Invocation, _ settings: Settings) {
    (self.invocation, self.settings) = (invocation, settings)
  }

  /// - Parameter plan: The plan to use if none is selected.
  /// - Parameter operandsAreTables: whether the words of the command line are tables to move.
  func make(
    plan name: String? = nil, operandsAreTables: Bool = true
  ) throws -> RunRequest {
    let location = try invocation.planLocation(settings, otherwise: name)
    let plan = try settings.plan(at: location.planFile)
    var request = RunRequest(plan: plan, databases: try .init(settings, plan: plan))
    if operandsAreTables { request.tables = try tables(plan) }
    request.tuning = tuning
    request.stops = try stops()
    request.given = try given()
    request.condition = invocation[RunCommand.condition]
    request.ledgerSchema = settings.value(.ledgerSchema)
    request.fresh = invocation[RunCommand.fresh]
    request.emptiesTables = invocation[RunCommand.emptyTables] && request.fresh
    request.force = invocation[RunCommand.force]
    request.rollback = invocation[RunCommand.rollback].flatMap(Triggers.Consent.init)
    request.acceptedShare = invocation[RunCommand.acceptRejects].flatMap(ShareText.read)
    request.checksPlan = true
    request.dryRun = invocation[SharedOptions.dryRun]
    request.keepsRejects = invocation[RunCommand.details]
    request.command = (["migrate", "run"] + invocation.operands).joined(separator: " ")
    request.checkpointFile = path(CheckpointFile.defaultName)
    request.errorLogFile = path(ErrorLog.defaultName)
    try rejectIdleFlags(request)
    if operandsAreTables, request.condition != nil, request.tables?.count != 1 {
      throw UsageError.dependent("--where", on: "exactly one table")
    }
    return request
  }

  /// Rejects flags that would have no effect.
  private func rejectIdleFlags(_ request: RunRequest) throws {
    if let consent = request.rollback, consent != .off, !request.plan.triggers.rollsBack {
      throw UsageError.dependent(
        "--rollback \(consent.rawValue)",
        on: "triggers that roll back; plan \(request.plan.name) has none")
    }
    if invocation[RunCommand.emptyTables], !request.fresh {
      throw UsageError.dependent("--empty-tables", on: "--fresh")
    }
  }

  private func path(_ name: String) -> String { invocation.program.folder + "/" + name }

  private func tables(_ plan: Plan) throws -> [String]? {
    if !invocation.operands.isEmpty {
      return invocation.operands.map { given in
        plan.tables.first { $0.command == given }?.name ?? given
      }
    }
    let phase = invocation[RunCommand.phase]
    guard phase > 0 else { return nil }
    let names = plan.tables.filter { $0.phase == phase }.map(\.name)
    guard !names.isEmpty else {
      let known = Set(plan.tables.map(\.phase)).sorted().map { "\($0)" }
      throw UsageError.badValue(
        "\(phase)", of: "--phase",
        expected: "one of \(known.joined(separator: ", "))")
    }
    return names
  }

  private var tuning: RunRequest.Tuning {
    var tuning = RunRequest.Tuning()
    let lanes = invocation[RunCommand.lanes]
    if lanes > 0 {
      tuning.lanes = lanes
    } else if !settings.value(.isParallel) {
      tuning.lanes = 1
    } else if case .exactly(let number) = settings.value(SettingKey<Count>.lanes) {
      tuning.lanes = number
    }
    if case .exactly(let rows) = settings.value(SettingKey<Count>.batchSize) {
      tuning.batchSize = rows
    }
    tuning.maximumRetries = settings.value(.maximumRetries)
    let timeout = settings.value(SettingKey<Duration>.chunkTimeout)
    tuning.chunkTimeout = timeout == .zero ? nil : timeout
    return tuning
  }

  /// Returns the options of the command line; `configure` overrides settings from elsewhere.
  private func given() throws -> RunAdjustments {
    var given = RunAdjustments()
    let names = invocation.arguments.values
    if invocation[RunCommand.lanes] > 0 { given.lanes = .exactly(invocation[RunCommand.lanes]) }
    if names[RunCommand.batchSize.spec.name] != nil {
      given.batchSize = settings.value(SettingKey<Count>.batchSize)
    }
    if invocation[RunCommand.maxRejects] >= 0 {
      given.maximumRejects = .exactly(invocation[RunCommand.maxRejects])
    }
    if names[RunCommand.maxRetries.spec.name] != nil {
      given.maximumRetries = settings.value(.maximumRetries)
    }
    if names[RunCommand.timeout.spec.name] != nil {
      given.chunkTimeout = settings.value(SettingKey<Duration>.chunkTimeout)
    }
    given.throttle = try invocation[RunCommand.throttle].map(ThrottleText.read)
    return given
  }

  private func stops() throws -> RunRequest.Stops {
    var stops = RunRequest.Stops()
    if invocation[RunCommand.limit] > 0 { stops.rowLimit = invocation[RunCommand.limit] }
    if invocation[RunCommand.maxRejects] >= 0 {
      stops.maximumRejects = invocation[RunCommand.maxRejects]
    }
    stops.memoryLimit = settings.value(.maximumMemory)?.byteCount
    stops.freeDisk = settings.value(.freeDisk).byteCount
    let minutes = invocation[RunCommand.maxMinutes]
    if minutes > 0 { stops.timeLimit = .seconds(60 * minutes) }
    if let clock = invocation[RunCommand.until] {
      let left = try Self.timeUntil(clock)
      stops.timeLimit = stops.timeLimit.map { min($0, left) } ?? left
    }
    return stops
  }

  /// Returns the duration until a time of day, today or tomorrow, on this machine's clock.
  private static func timeUntil(_ clock: String) throws -> Duration {
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
      (0...59).contains(minute)
    else {
      throw UsageError.badValue(clock, of: "--until", expected: "a time of day such as 05:30")
    }
    var now = time(nil)
    var local = tm()
    localtime_r(&now, &local)
    let seconds = Int(local.tm_hour) * 3600 + Int(local.tm_min) * 60 + Int(local.tm_sec)
    let wanted = hour * 3600 + minute * 60
    return .seconds(wanted > seconds ? wanted - seconds : wanted - seconds + 86_400)
  }
}
