/// How one of a run's servers answers.
public struct ServerHealth: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    /// In less than `slow`.
    case answering
    /// It took so long.
    case slow(Duration)
    /// Nothing has come for so long.
    case silent(Duration)
    /// The connection broke, or could not be made.
    case lost

    /// One word for programs.
    package var name: String {
      switch self {
      case .answering: "answering"
      case .slow: "slow"
      case .silent: "silent"
      case .lost: "lost"
      }
    }
  }

  /// An answer that takes so long is slow.
  package static let slow = Duration.seconds(1)
  /// How long an answer is waited for.
  package static let patience = Duration.seconds(5)

  public let role: DatabaseRole
  public let state: State
  /// Whether the last look has found something else.
  public let isNew: Bool

  public init(role: DatabaseRole, state: State, isNew: Bool) {
    (self.role, self.state, self.isNew) = (role, state, isNew)
  }

  /// The finding on one line.
  public var text: String {
    switch state {
    case .answering: isNew ? "the \(role.rawValue) answers again" : "the \(role.rawValue) answers"
    case .slow(let time): "the \(role.rawValue) is slow: an answer took \(Self.text(time))"
    case .silent(let time): "the \(role.rawValue) has not answered for \(Self.text(time))"
    case .lost: "the connection to the \(role.rawValue) is lost"
    }
  }

  private static func text(_ time: Duration) -> String {
    "\(Int((time / .seconds(1)).rounded())) s"
  }
}
