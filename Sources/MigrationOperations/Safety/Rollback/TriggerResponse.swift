import MigrationBasics
import MigrationLedger

/// What followed on its own when a migration went wrong.
package struct TriggerResponse: Sendable {
  package enum Result: Sendable {
    /// The plan wants nothing but the stop.
    case stopped
    /// Nobody agreed to the rollback; the command makes it.
    case left
    case rolledBack(RollbackRecord)
    case failed(what: String, remedy: String?)
  }

  package let trigger: Trigger
  package let result: Result

  package init(_ trigger: Trigger, _ result: Result) {
    (self.trigger, self.result) = (trigger, result)
  }

  package var isFailure: Bool { if case .failed = result { true } else { false } }

  /// In one line.
  package var words: String {
    switch result {
    case .stopped: "\(trigger.kind.rawValue): stopped"
    case .left: "\(trigger.kind.rawValue): not rolled back; to roll back: \(trigger.command)"
    case .rolledBack(let record):
      "\(trigger.kind.rawValue): rolled back \(trigger.subject), "
        + "\(CountText.of(record.tables.reduce(0) { $0 + $1.gone }, "row")) deleted (rollback \(record.id))"
    case .failed(let what, _):
      "\(trigger.kind.rawValue): \(what)"
    }
  }

  package var json: JSONValue {
    var (record, failure): (JSONValue, JSONValue) = (.null, .null)
    if case .rolledBack(let made) = result { record = made.json }
    if case .failed(let what, let remedy) = result {
      failure = ["what": .text(what), "toDo": .optional(remedy)]
    }
    return [
      "kind": .text(trigger.kind.rawValue), "what": .text(trigger.what),
      "then": .text(trigger.action.rawValue), "rollback": record, "failure": failure,
      "command": .optional(trigger.action == .stop ? nil : trigger.command),
      "rejected": .array(trigger.patterns.map(JSONValue.text)),
    ]
  }
}
