import MigrationBasics
import MigrationLedger

/// One line of the log: when, how grave, what happened, and to what.
package struct LogEntry: Sendable, Hashable {
  package let at: Moment
  package let level: LogLevel
  /// What happened in one word for programs, such as `chunkRetried`.
  package let event: String
  package let table: String?
  package let message: String
  /// Numbers and names that belong to the event.
  package let details: JSONObject

  package init(
    at: Moment, _ level: LogLevel, _ event: String, table: String? = nil, _ message: String,
    _ details: [(String, JSONValue)] = []
  ) {
    (self.at, self.level, self.event) = (at, level, event)
    (self.table, self.message) = (table, message)
    self.details = JSONObject(details)
  }

  /// The entry as a line of the file, without its end.
  package var line: String { json.compact }

  package var json: JSONValue {
    var object = JSONObject([
      ("at", .text(at.description)), ("level", .text(level.rawValue)), ("event", .text(event)),
      ("table", .optional(table)), ("message", .text(message)),
    ])
    for member in details.members { object[member.key] = member.value }
    return .object(object)
  }

  /// The entry without secrets.
  func scrubbed(_ redactor: Redactor) -> LogEntry {
    LogEntry(
      at: at, level, event, table: table, redactor.scrub(message),
      details.members.map { member in
        if case .text(let text) = member.value {
          return (member.key, .text(redactor.scrub(text)))
        }
        return (member.key, member.value)
      })
  }
}

/// A line of a log file as it is read again; unknown members are kept.
package struct LogLine: Sendable, Hashable {
  package let json: JSONValue
  package let level: LogLevel
  package let table: String?

  /// Returns nil for a line that is no entry, such as one that was cut off.
  package init?(_ text: String) {
    guard let json = try? JSONValue.parse(text), case .text(let word)? = json["level"],
      let level = LogLevel(rawValue: word)
    else { return nil }
    (self.json, self.level) = (json, level)
    if case .text(let table)? = json["table"] { self.table = table } else { table = nil }
  }

  /// The line for people: moment, level, table, message.
  package var text: String {
    func text(_ key: String) -> String {
      if case .text(let text)? = json[key] { text } else { "" }
    }
    // Whole seconds are enough to read.
    let at = text("at").prefix(19).replacing("T", with: " ")
    let level = level.rawValue.uppercased()
    let padded = level + String(repeating: " ", count: max(0, 5 - level.count))
    return "\(at) \(padded) \(table.map { $0 + ": " } ?? "")\(text("message"))"
  }
}
