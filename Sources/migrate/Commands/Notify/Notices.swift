import MigrationCore

/// Sends notifications about a command, if the settings have a channel.
///
/// A failed notification does not fail the command; `finish` reports it.
struct Notices {
  private let notifier: Notifier?
  private let console: Console
  private let log: RunLog?
  private let common: [(String, JSONValue)]

  /// - Parameter plan: The plan of the command; nil if unknown.
  init(
    _ invocation: Invocation, _ settings: Settings, _ console: Console, plan: String?,
    log: RunLog? = nil
  ) {
    (self.console, self.log) = (console, log)
    notifier = Notifier.Options(settings, environment: invocation.environment).map(Notifier.init)
    common = [
      ("plan", .optional(plan)), ("target", .optional(settings.value(.target)?.redacted)),
    ]
  }

  /// Whether a channel is set.
  var isSet: Bool { notifier != nil }

  func post(_ event: NotifyEvent, _ text: String, _ details: [(String, JSONValue)] = []) {
    notifier?.post(Notification(event, text, common + details))
  }

  /// Sends a notification that a command failed.
  ///
  /// Server messages about rows may contain data, so only their code is sent.
  func post(_ event: NotifyEvent, failure error: any Error, of subject: String) {
    let report = FailureReport(error)
    let isAboutRows =
      report.code.map { [.data, .duplicate, .foreignKey, .corruption].contains($0) }
      ?? (report.exitCode == .failed)
    let what = isAboutRows ? "see the log" : report.what
    post(
      event,
      [subject + " failed:", report.code?.rawValue, what].compactMap { $0 }
        .joined(separator: " "),
      [
        ("exitCode", .int(Int(report.exitCode.rawValue))),
        ("code", .optional(report.code?.rawValue)),
      ])
  }

  /// Waits briefly for pending notifications, and reports the undelivered ones.
  @discardableResult
  func finish() -> [Notifier.Undelivered] {
    guard let ended = notifier?.finish(), !ended.undelivered.isEmpty else { return [] }
    for lost in ended.undelivered {
      console.warn("could not deliver the notification \(lost.event.rawValue): \(lost.why)")
      log?.undelivered(lost)
    }
    return ended.undelivered
  }
}
