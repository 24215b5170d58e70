import MigrationBasics

/// What follows on its own when a migration goes wrong.
public struct Triggers: Sendable, Hashable {
  /// What goes wrong.
  public enum Kind: String, Sendable, CaseIterable {
    /// More rows were rejected than the plan's limits or the command line allow.
    case errors
    /// The plan's time is up.
    case time
    case memory
    case disk
    /// Rows of a table are not in the target as they were sent.
    case corruption
    /// The validation after a complete run says NO-GO.
    case validation

    /// The kind that a limit's code represents.
    package init?(_ code: ErrorCode) {
      switch code {
      case .data: self = .errors
      case .timeout: self = .time
      case .memory: self = .memory
      case .disk: self = .disk
      case .corruption: self = .corruption
      default: return nil
      }
    }

    /// What may be done about it: a validation is about all tables.
    var actions: [Action] { self == .validation ? [.stop, .rollbackSession] : Action.allCases }
  }

  package enum Action: String, Sendable, CaseIterable {
    case stop
    /// Roll back the table that was being loaded.
    case rollbackTable = "rollback table"
    /// Delete all that the session has loaded.
    case rollbackSession = "rollback session"
  }

  /// Whether a rollback is made without being asked for.
  public enum Consent: String, Sendable, CaseIterable {
    /// Never; the command for it is reported.
    case off
    /// Only after a question on a terminal; elsewhere as `off`.
    case ask
    case on
  }

  /// Those that the plan names.
  package let named: [Kind: Action]
  public let rollback: Consent

  package init(_ named: [Kind: Action] = [:], rollback: Consent = .ask) {
    (self.named, self.rollback) = (named, rollback)
  }

  /// Whether any of them rolls rows back.
  public var rollsBack: Bool { named.values.contains { $0 != .stop } }

  package func action(_ kind: Kind) -> Action { named[kind] ?? .stop }

  /// Whether the plan names it: corruption is looked for only then, for that takes time.
  public func names(_ kind: Kind) -> Bool { named[kind] != nil }
}
