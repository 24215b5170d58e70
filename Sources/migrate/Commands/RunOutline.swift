import MigrationCore
import Synchronization

/// The outline of a run on stderr: what will be moved, the phase at hand, and each table's end with
/// its time and speed.
final class RunOutline: Sendable {
  private struct Place {
    var phase: Int?
    var began: [String: ContinuousClock.Instant] = [:]
  }
  private let request: RunRequest
  private let settings: Settings
  private let place = Mutex(Place())

  init(_ request: RunRequest, _ settings: Settings) {
    (self.request, self.settings) = (request, settings)
  }

  /// What will be moved, from where to where, by the settings that count for the session.
  func summary(_ session: Session) -> [String] {
    let plan = request.plan
    let tables = plan.tables.filter { request.tables?.contains($0.name) ?? true }
    let phases = Set(tables.map(\.phase)).count
    let sources = Set(tables.flatMap { $0.feeds.map(\.from) }).count
    let mode = request.dryRun ? "dry run, nothing will be changed" : "exactly once, resumable"
    return [
      "Plan \(plan.name): \(plan.title)",
      "  \(CountText.of(tables.count, "table")) in \(CountText.of(phases, "phase")) from \(CountText.of(sources, "source")); \(mode)",
    ] + RunPlaces(request, settings, session).lines
  }

  /// The heading of a table's phase, where the phase begins with it.
  func heading(_ table: String) -> String? {
    guard let phase = request.plan.tables.first(where: { $0.name == table })?.phase else {
      return nil
    }
    return place.withLock { place in
      place.began[table] = place.began[table] ?? .now
      guard place.phase != phase else { return nil }
      place.phase = phase
      let title = request.plan.phases[phase].map { ": \($0)" } ?? ""
      return "Phase \(phase)\(title)"
    }
  }

  /// A table with more rejects than the plan's limit is not well, although a dry run or `--accept-rejects` goes on.
  func verdict(_ table: RunOutcome.Table) -> Check.Verdict {
    let limits = request.plan.limits
    if case .stop = limits.judgement(rejected: table.sheet.open, of: table.sheet.read) {
      return .warning
    }
    return .pass
  }

  /// A table's end: its row counts, the time that it took, and the rows a second.
  func ending(_ table: RunOutcome.Table) -> String {
    let line = "\(table.name): \(BooksText.line(table.sheet))"
    guard let began = place.withLock({ $0.began[table.name] }) else { return line }
    let time = ContinuousClock.now - began
    let rate = Int(Double(table.sheet.readByRun) / max(time / .seconds(1), 0.001))
    return line + "; \(DurationText.short(time)), \(GroupedNumber.text(rate)) rows/s"
  }
}
