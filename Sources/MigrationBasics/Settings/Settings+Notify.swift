extension SettingKey where Value == String? {
  package static var notifyURL: Self { Self("NOTIFY_URL", nil) }
  package static var notifyCommand: Self { Self("NOTIFY_COMMAND", nil) }
}

extension SettingKey where Value == String {
  package static var notifyEvents: Self {
    Self("NOTIFY_EVENTS", NotifyEvent.usual.map(\.rawValue).joined(separator: ","))
  }
}

extension SettingKey where Value == Duration {
  package static var notifyTimeout: Self { Self("NOTIFY_TIMEOUT", .seconds(10)) }
}

extension SettingKey where Value == Int {
  package static var notifyRetries: Self { Self("NOTIFY_RETRIES", 3) }
}

extension Settings {
  static let notifySettings = [
    Setting(
      .notifyURL, .webURL, .monitoring,
      "A webhook that is told what happens: a POST of JSON.",
      explanation:
        "Certificates are checked, and redirects not followed. It is treated as a secret, "
        + "for such addresses often are.",
      isSecret: true, example: "https://chat.example.com/hooks/migration"),
    Setting(
      .notifyCommand, .text, .monitoring,
      "A line for the shell that is told what happens: JSON on its stdin, the event in NOTIFY_EVENT.",
      explanation: "It gets none of these settings, so that no password reaches it.",
      example: "mail -s \"migration: $NOTIFY_EVENT\" team@example.com"),
    Setting(
      .notifyEvents, .words(NotifyEvent.chosen.map(\.rawValue)), .monitoring,
      "What the webhook and the command are told of, with commas between, or all.",
      explanation: "What is sent by hand (migrate notify) always is."),
    Setting(
      .notifyTimeout, .duration(100...600_000), .monitoring,
      "How long one try to tell may take, and how long the end of a command waits for it."),
    Setting(
      .notifyRetries, .integer(0...20), .monitoring,
      "How often it is tried again; the wait doubles from one second to thirty."),
  ]
}
