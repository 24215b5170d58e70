/// The events that send notifications.
package enum NotifyEvent: String, Sendable, CaseIterable {
  case runStarted = "run-started"
  case tableDone = "table-done"
  case runDone = "run-done"
  case runPaused = "run-paused"
  case runFailed = "run-failed"
  /// A safety limit or a trigger has stopped a run.
  case limit
  case rollback
  case validationFailed = "validation-failed"
  /// Sent by hand.
  case message
  case emergency
  case test

  /// Those that come on their own, and that settings choose from.
  package static let chosen: [NotifyEvent] = allCases.filter { !$0.isByHand }

  package var isByHand: Bool { [.message, .emergency, .test].contains(self) }

  /// The default events: how a run ends, and not each step.
  package static let usual: [NotifyEvent] = chosen.filter { $0 != .runStarted && $0 != .tableDone }
}
