import CMongoDriver
import Synchronization

/// How serious a message of the driver is.
public enum MongoLogLevel: Int, Sendable, Comparable {
  case error, critical, warning, message, info, debug, trace

  public static func < (left: MongoLogLevel, right: MongoLogLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The MongoDB C driver as a whole: it is started once per process, and its log goes where we say.
///
/// The driver never writes to stderr on its own: without a handler its messages are dropped.
public enum MongoLibrary {
  public typealias LogHandler = @Sendable (MongoLogLevel, String) -> Void

  private static let handler = Mutex<LogHandler?>(nil)

  /// Sends the driver's log messages to a closure, or drops them.
  ///
  /// The closure is called on whichever thread uses the driver, and must not call the driver.
  public static func setLogHandler(_ newHandler: LogHandler?) {
    start()
    handler.withLock { $0 = newHandler }
  }

  /// The version of the driver in use, for example "1.23.1".
  public static var driverVersion: String { String(cString: mongoc_get_version()) }

  /// Starts the driver, the first time that it is called.
  static func start() { _ = started }

  private static let started: Bool = {
    mongoc_log_set_handler({ level, _, text, _ in MongoLibrary.received(level, text) }, nil)
    mongoc_init()
    mongoc_handshake_data_append("migrate", nil, nil)
    return true
  }()

  private static func received(_ level: mongoc_log_level_t, _ text: UnsafePointer<CChar>?) {
    guard let handler = handler.withLock({ $0 }), let text else { return }
    handler(MongoLogLevel(rawValue: Int(level.rawValue)) ?? .message, String(cString: text))
  }
}
