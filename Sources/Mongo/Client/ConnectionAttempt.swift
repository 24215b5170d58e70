import CMongoDriver

/// One try to connect: on a thread of its own, with a deadline, and with a reason when it fails.
struct ConnectionAttempt: Sendable {
  let url: MongoURL
  let timeout: Duration
  let observer = ConnectionObserver()

  /// What the driver gets of the time; the rest is for finding out what went wrong.
  private static let share = 0.6

  init(_ url: MongoURL, _ options: MongoClient.Options) {
    var url = url
    let limit = options.timeout * Self.share
    url.serverSelectionTimeout = min(url.serverSelectionTimeout ?? limit, limit)
    url.connectTimeout = min(url.connectTimeout ?? limit, limit)
    url.socketTimeout = options.operationTimeout ?? url.socketTimeout
    url.selectsServerOnce = url.selectsServerOnce ?? !options.waitsForServer
    self.url = url
    timeout = options.timeout
  }

  func run() throws(MongoConnectionError) -> ClientHandle {
    if url.usesTLS, let file = TLSSettings(url).unreadable {
      throw failure(.certificateFile, file)
    }
    guard let outcome = DeadlineThread.run(within: timeout, { open() }) else {
      throw lateFailure()
    }
    return try outcome.result.get()
  }

  /// Carries a client from the connecting thread to the waiting one; only one of them has it.
  private struct Outcome: @unchecked Sendable {
    let result: Result<ClientHandle, MongoConnectionError>
  }

  private func open() -> Outcome {
    let started = ContinuousClock.now
    do throws(MongoConnectionError) {
      return Outcome(result: .success(try connect(started)))
    } catch {
      return Outcome(result: .failure(error))
    }
  }

  private func connect(
    _ started: ContinuousClock.Instant
  ) throws(MongoConnectionError) -> ClientHandle {
    let client: ClientHandle
    do throws(MongoError) {
      client = try ClientHandle(url, observer: observer)
      _ = try client.selectServer(nil, operation: "connect")
    } catch {
      throw selectionFailure(error, remaining: timeout - (.now - started))
    }
    let hello: Hello
    do throws(MongoError) {
      // The first command of a connection is where the driver authenticates.
      _ = try client.run(["ping": 1], on: "admin", preference: nil, operation: "connect")
      hello = try client.hello()
    } catch {
      throw commandFailure(error)
    }
    guard hello.canServe(url) else { throw noPrimary(hello) }
    return client
  }
}
