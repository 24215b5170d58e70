import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Connects to the shared server, or to a URL, with the schema in which the tests make their tables in the path.
func connect(
  _ url: String? = nil, options: ConnectionOptions = ConnectionOptions()
) throws -> Connection {
  var options = options
  options.serverSettings.merge(["search_path": "public, pg_temp"]) { given, _ in given }
  return try Connection(
    to: ConnectionString(url ?? TestServers.postgresURL()), options: options)
}

/// Runs what must fail with a `PostgresError` and returns the error.
func failure<Value>(
  _ body: () throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) throws -> PostgresError {
  try #require(throws: PostgresError.self, sourceLocation: sourceLocation) { _ = try body() }
}

/// A test's own surroundings did not work.
struct TestFailure: Error { let description: String }

/// Returns why a connection could not be made.
func reason(_ error: PostgresError) -> ConnectFailure? {
  if case .connect(let reason) = error.kind { reason } else { nil }
}

/// Sockets that fill the queue of a listener, so that the next connect(2) hears nothing at all.
final class FullQueue: Sendable {
  let port: Int
  private let descriptors: [Int32]

  init() throws {
    func makeSocket() -> Int32 {
      socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = makeSocket()
    let fillers = (0..<4).map { _ in makeSocket() }
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(listener, pointer, size) == 0, listen(listener, 0) == 0,
          getsockname(listener, pointer, &size) == 0
        else { return false }
        for filler in fillers { _ = connect(filler, pointer, size) }
        return true
      }
    }
    guard isListening else { throw TestFailure(description: "cannot listen: errno \(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
    descriptors = fillers + [listener]
  }

  deinit { for descriptor in descriptors { close(descriptor) } }
}

/// Runs a body on a thread of its own and hands back how it ended.
func onThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) -> () throws -> Value {
  let done = DispatchSemaphore(value: 0)
  let outcome = Mutex<Result<Value, any Error>?>(nil)
  Thread.detachNewThread {
    let result = Result { try body() }
    outcome.withLock { $0 = result }
    done.signal()
  }
  return {
    guard done.wait(timeout: .now() + 60) == .success else {
      throw TestFailure(description: "a thread did not end within a minute")
    }
    return try #require(outcome.withLock { $0 }).get()
  }
}

/// Waits until a condition holds that another process causes.
func eventually(_ condition: () throws -> Bool) throws {
  for _ in 0..<3000 {
    if try condition() { return }
    usleep(20_000)
  }
  throw TestFailure(description: "what was waited for did not happen within a minute")
}

/// Collects what a handler receives on any thread.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  func add(_ element: Element) { elements.withLock { $0.append(element) } }
  var all: [Element] { elements.withLock { $0 } }
}
