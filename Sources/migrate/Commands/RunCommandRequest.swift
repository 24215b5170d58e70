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
    var request = try RunRequest(plan: plan, settings: settings)
    if operandsAreTables { request.tables = try tables(plan) }
    try addOptions(to: &request.settings[.commandLine])
    request.rowLimit = invocation[RunCommand.limit]
    request.condition = invocation[RunCommand.condition]
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
    if let consent = request.rollback, consent != .off, request.dryRun {
      throw UsageError.badValue(
        consent.rawValue, of: "--rollback",
        expected: "no --dry-run beside it, which leaves no rows that could be rolled back")
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
    guard let phase = invocation[RunCommand.phase] else { return nil }
    let names = plan.tables.filter { $0.phase == phase }.map(\.name)
    guard !names.isEmpty else {
      let known = Set(plan.tables.map(\.phase)).sorted().map { "\($0)" }
      throw UsageError.badValue(
        "\(phase)", of: "--phase",
        expected: "one of \(known.joined(separator: ", "))")
    }
    return names
  }

  /// Adds the options that are not settings.
  private func addOptions(to given: inout RunAdjustments) throws {
    given.maximumRejects = invocation[RunCommand.maxRejects].map(Count.exactly)
    given.throttle = try invocation[RunCommand.throttle].map(ThrottleText.read)
    let minutes = invocation[RunCommand.maxMinutes].map { Duration.seconds(60 * $0) }
    let left = try invocation[RunCommand.until].map(Self.timeUntil)
    given.timeLimit = [minutes, left].compactMap { $0 }.min()
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
