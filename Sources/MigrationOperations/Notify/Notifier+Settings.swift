import MigrationBasics

extension Notifier.Options {
  /// What the settings say; nil if no channel is set.
  ///
  /// - Parameter environment: what a command gets of it: all but the settings of this program, which
  ///   have passwords among them.
  package init?(_ settings: Settings, environment: [String: String]) {
    var channels: [NotifyChannel] = []
    if let url = settings.value(.notifyURL) { channels.append(.webhook(url)) }
    if let line = settings.value(.notifyCommand) {
      let own = Set(Settings.all.flatMap(\.names))
      // The variables of another environment are named STAGING_DATABASE_URL.
      let shown = environment.filter { name, _ in
        !own.contains { name == $0 || name.hasSuffix("_" + $0) } && !name.hasPrefix("PG")
      }
      channels.append(.command(line, environment: shown))
    }
    guard !channels.isEmpty else { return nil }
    self.init(
      channels: channels, events: Self.events(settings.value(.notifyEvents)),
      limit: settings.value(.notifyTimeout), retries: settings.value(.notifyRetries),
      redactor: settings.redactor)
  }

  package static func events(_ words: String) -> Set<NotifyEvent> {
    let named = words.split(separator: ",").map { String($0).trimmed }
    if named.contains("all") { return Set(NotifyEvent.chosen) }
    return Set(named.compactMap { NotifyEvent(rawValue: $0.lowercased()) })
  }
}
