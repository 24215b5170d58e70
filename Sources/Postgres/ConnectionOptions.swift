/// How a connection behaves, apart from where it goes.
public struct ConnectionOptions: Sendable {
  /// The time for everything up to a usable session, all hosts together.
  ///
  /// Nil takes `connect_timeout` of the string or environment, else ten seconds.
  public var connectTimeout: Duration?
  /// The name shown in `pg_stat_activity`, unless string or environment give one.
  public var applicationName = "migrate"
  /// The limit for one statement; nil leaves the server's own.
  public var statementTimeout: Duration?
  /// The limit for waiting on one lock; nil leaves the server's own.
  public var lockTimeout: Duration?
  /// The limit for a transaction that does nothing; nil leaves the server's own.
  public var idleInTransactionTimeout: Duration?
  /// How long sent data may stay unacknowledged before the connection counts as lost.
  public var tcpUserTimeout: Duration = .seconds(30)
  /// How long a call may wait while nothing moves before the server is asked whether it waits too.
  public var standstillPatience: Duration = .seconds(20)
  /// Further settings for the session, or other values for those of `SessionSetting.all`.
  ///
  /// They are set after connecting, whatever string and environment say.
  public var serverSettings: [String: String] = [:]
  /// Settings that only change how fast the server is; those that string or environment name stay as they are.
  ///
  /// The server overestimates statements about its catalogue and about arrays, and compiles them for
  /// longer than they take.
  public var tuning = ["jit": "off"]
  /// Takes the server's notices; nil drops them.
  public var onNotice: NoticeHandler?

  public init() {}
}

extension ConnectionOptions {
  static let defaultConnectTimeout = Duration.seconds(10)

  /// The settings of the session in the order in which they are set.
  ///
  /// One without a value is read. The search path's value is known to the server alone.
  ///
  /// - Parameter given: the names of settings that string or environment give.
  func sessionSettings(given: Set<String>) -> [(name: String, value: String?)] {
    let listed = SessionSetting.all.map { ($0.name, serverSettings[$0.name] ?? $0.value) }
    let others = tuning.filter { !given.contains($0.key) }
      .merging(serverSettings.filter { SessionSetting.named($0.key) == nil }) { $1 }
      .sorted { $0.key < $1.key }.map { ($0.key, Optional($0.value)) }
    let path = serverSettings["search_path"] == nil ? [("search_path", String?.none)] : []
    let limits = [
      ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
      ("idle_in_transaction_session_timeout", idleInTransactionTimeout),
    ].compactMap { name, limit in limit.map { (name, Optional(String($0.milliseconds))) } }
    return (listed + others + path + limits).map { (name: $0.0, value: $0.1) }
  }
}
