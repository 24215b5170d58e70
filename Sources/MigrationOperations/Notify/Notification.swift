import MigrationBasics
import MigrationLedger

/// One notification.
package struct Notification: Sendable {
  package let event: NotifyEvent
  /// In one line; what chats show.
  package let text: String
  package let at: Moment
  private let details: [(String, JSONValue)]

  package init(_ event: NotifyEvent, _ text: String, _ details: [(String, JSONValue)] = []) {
    (self.event, self.text, self.details) = (event, text, details)
    at = Moment.now()
  }

  /// The body that is sent.
  package func json(_ redactor: Redactor) -> JSONValue {
    let head: [(String, JSONValue)] = [
      ("event", .text(event.rawValue)), ("text", .text(text)), ("at", .text(at.description)),
      ("host", .text(OperatorName.host)), ("version", .text(Version.number)),
    ]
    return Self.scrubbed(.object(JSONObject(head + details)), redactor)
  }

  private static func scrubbed(_ value: JSONValue, _ redactor: Redactor) -> JSONValue {
    switch value {
    case .text(let text): .text(redactor.scrub(text))
    case .array(let items): .array(items.map { scrubbed($0, redactor) })
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.key, scrubbed($0.value, redactor)) }))
    default: value
    }
  }
}
