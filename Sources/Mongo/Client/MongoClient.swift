import CMongoDriver

/// A connection to a MongoDB deployment, for one thread at a time.
///
/// The calls block; make a client per thread. A client may move to another thread between calls.
/// The driver connects again on its own after a failure.
public final class MongoClient {
  /// Where the client is connected, with the timeouts in force.
  public let url: MongoURL
  let handle: ClientHandle

  /// How to connect.
  public struct Options: Sendable {
    /// How long connecting may take in all, name lookup and authentication included.
    public var timeout: Duration
    /// How long one operation may wait for the server; nil leaves it to the URL, then to the
    /// driver's five minutes.
    public var operationTimeout: Duration?
    /// Whether to keep looking until the time is up when there is no suitable server yet, as
    /// during an election, and not to give up after one check of every host.
    public var waitsForServer: Bool

    public init(
      timeout: Duration = .seconds(10), operationTimeout: Duration? = nil,
      waitsForServer: Bool = false
    ) {
      self.timeout = timeout
      self.operationTimeout = operationTimeout
      self.waitsForServer = waitsForServer
    }
  }

  /// Connects, authenticates, and makes sure that there is a server for the reads asked for.
  ///
  /// - Throws: within the timeout, whatever the host does or leaves undone.
  public convenience init(
    _ url: MongoURL, options: Options = Options()
  ) throws(MongoConnectionError) {
    let attempt = ConnectionAttempt(url, options)
    self.init(url: attempt.url, handle: try attempt.run())
  }

  private init(url: MongoURL, handle: ClientHandle) {
    self.url = url
    self.handle = handle
  }

  /// Whether the server answers, and is one that reads may go to.
  public var isServing: Bool {
    guard let hello = try? handle.hello() else { return false }
    return hello.canServe(url)
  }

  /// Runs a command on a database and returns the server's reply.
  ///
  /// - Parameter readPreference: nil takes the URL's.
  public func runCommand(
    _ command: BSONDocument, on database: String, readPreference: ReadPreference? = nil,
    session: MongoSession? = nil
  ) throws(MongoError) -> BSONDocument {
    let name = command.first { _ in true }?.key.description ?? "command"
    let operation = "\(name) on \(database)"
    let reply = try handle.run(
      command, on: database, preference: readPreference, session: session, operation: operation)
    return try reply.document(operation: operation)
  }

  /// Starts a session, in which the reads of several cursors can see one moment.
  public func startSession(snapshot: Bool = false) throws(MongoError) -> MongoSession {
    try MongoSession(handle, snapshot: snapshot)
  }
}
