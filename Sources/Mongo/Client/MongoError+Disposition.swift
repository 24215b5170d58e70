extension MongoError {
  /// What to do about a failure.
  public enum Disposition: Sendable, Hashable {
    /// It may well work when tried again after a pause: the network, an election, a time limit.
    case transient
    /// It will fail the same way again.
    case permanent
    /// Someone has to change a password, a permission or a setting first.
    case needsPerson
  }

  public var disposition: Disposition {
    if labels.contains("TransientTransactionError") || labels.contains("RetryableWriteError") {
      return .transient
    }
    if Self.needPerson.contains(code) { return .needsPerson }
    if isCursorLost || Self.transient.contains(code) { return .transient }
    return domain == .stream || domain == .serverSelection ? .transient : .permanent
  }

  /// Whether the cursor is gone from the server: killed, timed out, or lost with its server.
  ///
  /// Reading continues with a new cursor from the last key that was read.
  public var isCursorLost: Bool { Self.cursorLost.contains(code) }

  /// The first is reported for a cursor between two batches, the second if a batch was being made.
  ///
  /// `queryPlanKilled` is neither: the collection itself is gone, or an index, and a new cursor
  /// would find no documents and call that the end.
  private static let cursorLost: Set<MongoErrorCode> = [.cursorNotFound, .cursorKilled]

  private static let needPerson: Set<MongoErrorCode> = [
    .unauthorized, .authenticationFailed, .clientAuthentication,
  ]

  private static let transient: Set<MongoErrorCode> = [
    .hostUnreachable, .hostNotFound, .exceededTimeLimit, .networkTimeout,
    .shutdownInProgress, .primarySteppedDown, .snapshotUnavailable,
    .exceededTimeLimitOfOperation, .socketException, .notWritablePrimary,
    .interruptedAtShutdown, .interrupted, .interruptedDueToStateChange,
    .notPrimaryNoSecondaryOk, .notPrimaryOrSecondary, .socketFailed, .notConnected,
    .connectFailed, .nameNotResolved, .serverSelection,
  ]
}
