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
  /// Settings for the session, which string and environment may override.
  ///
  /// Values must read the same whatever the server's defaults are, so dates and
  /// intervals are in ISO form, times in UTC and floats exact.
  public var serverSettings: [String: String] = [
    "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC",
    "extra_float_digits": "3", "bytea_output": "hex", "lc_monetary": "C",
  ]
  /// Takes the server's notices; nil drops them.
  public var onNotice: NoticeHandler?

  public init() {}
}

extension ConnectionOptions {
  static let defaultConnectTimeout = Duration.seconds(10)

  /// Returns the command line options for the server's process of this session.
  ///
  /// The last one wins, so they stand in order of rank: defaults, then what the
  /// string or environment gave, then limits that the program asked for.
  func startupOptions(given: String?) -> String {
    let defaults = serverSettings.sorted { $0.key < $1.key }.map { Self.option($0.key, $0.value) }
    let limits = [
      ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
      ("idle_in_transaction_session_timeout", idleInTransactionTimeout),
    ].compactMap { name, limit in limit.map { Self.option(name, String($0.milliseconds)) } }
    return (defaults + [given].compactMap { $0 } + limits).joined(separator: " ")
  }

  /// The server splits at blanks that have no backslash before them:
  /// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
  private static func option(_ name: String, _ value: String) -> String {
    var escaped = ""
    for character in value {
      if character == " " || character == "\\" { escaped.append("\\") }
      escaped.append(character)
    }
    return "-c \(name)=\(escaped)"
  }
}
