import MigrationCore

/// The source, target and environment of a run, and how it works; marks production clearly.
struct RunPlaces {
  private let request: RunRequest
  private let settings: Settings
  /// What was configured for the session, which a later command line may not repeat.
  private let configured: RunAdjustments

  init(_ request: RunRequest, _ settings: Settings, _ session: Session) {
    (self.request, self.settings) = (request, settings)
    configured = RunAdjustments(session.settings)
  }

  var lines: [String] {
    let label = environment.map { " [\($0)]" } ?? ""
    var effective = request.settings
    effective[.configured] = configured
    let batch = effective.batchSize.map { CountText.of($0, "row") } ?? "as in the plan"
    return [
      "  source: \(Self.words(url(request.plan.source.setting)))\(label)",
      "  target: \(Self.words(settings.value(.target)))\(label)", "  batch size: \(batch)",
    ] + (configured.isEmpty ? [] : ["  configured: \(AdjustmentsText.line(configured))"]) + warning
  }

  /// The environment by its name, or by NODE_ENV.
  private var environment: String? { settings.environmentName ?? settings.value(.nodeEnvironment) }

  private var warning: [String] {
    guard environment?.lowercased() == "production" else { return [] }
    return [
      request.dryRun
        ? "PRODUCTION: this dry run changes nothing"
        : "PRODUCTION: this run writes to \(Self.words(settings.value(.target)))"
    ]
  }

  private func url(_ setting: String) -> DatabaseURL? {
    if case .url(let url)? = settings.entry(setting)?.value { url } else { nil }
  }

  /// Returns kind, database and hosts, without user and password.
  private static func words(_ url: DatabaseURL?) -> String {
    guard let url else { return "not set" }
    guard !url.kind.isFile else { return "\(url.kind.name) \(url.redacted)" }
    let hosts = url.hosts.map { host in host.name + (host.port.map { ":\($0)" } ?? "") }
    return "\(url.kind.product) \(url.database ?? "(default database)")"
      + (hosts.isEmpty ? "" : " at " + hosts.joined(separator: ","))
  }
}
