import Glibc

extension MongoClient {
  /// Asks the server about itself.
  public func facts() throws(MongoError) -> ServerFacts {
    let build = try runCommand(["buildInfo": 1], on: "admin")
    let roundTrip = try ping()
    let sent = Self.millisecondsSince1970()
    let hello = try handle.hello()
    let middle = (sent + Self.millisecondsSince1970()) / 2
    return ServerFacts(
      version: build["version"]?.stringValue ?? "unknown", role: hello.role,
      topology: Self.topology(hello), usesTLS: url.usesTLS, roundTrip: roundTrip,
      clockAhead: hello.reply["localTime"]?.dateValue.map { .milliseconds($0 - middle) },
      operationTime: Self.operationTime(hello.reply),
      driverVersion: MongoLibrary.driverVersion,
      maximumDocumentSize: hello.reply["maxBsonObjectSize"]?.int64Value ?? 16 * 1024 * 1024)
  }

  /// Measures one round trip to the server.
  @discardableResult
  public func ping() throws(MongoError) -> Duration {
    let started = ContinuousClock.now
    _ = try handle.run(["ping": 1], on: "admin", preference: nil, operation: "ping")
    return .now - started
  }

  /// The logical time of the newest operation that the server has seen; nil outside replica sets.
  public func operationTime() throws(MongoError) -> BSONTimestamp? {
    let reply = try handle.run(["ping": 1], on: "admin", preference: nil, operation: "ping")
    return Self.operationTime(try reply.document(operation: "ping"))
  }

  private static func topology(_ hello: Hello) -> ServerFacts.Topology {
    if hello.role == .router { return .sharded }
    return hello.setName.map { .replicaSet($0) } ?? .single
  }

  private static func operationTime(_ reply: BSONDocument) -> BSONTimestamp? {
    guard case .timestamp(let time)? = reply["operationTime"] else { return nil }
    return time
  }

  private static func millisecondsSince1970() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
