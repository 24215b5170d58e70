import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Connects to the shared server, or to a URL.
func connect(
  _ url: String? = nil, options: ConnectionOptions = ConnectionOptions()
) throws -> Connection {
  try Connection(
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

/// A listening loopback socket that never says a word.
final class SilentListener: Sendable {
  let port: Int
  private let descriptor: Int32
  private let accepted = Mutex<[Int32]>([])

  /// - Parameter hangsUp: Closes each connection as soon as it is made.
  init(accepts: Bool, hangsUp: Bool = false) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, pointer, &size) == 0
      }
    }
    guard bound else { throw TestFailure(description: "cannot listen: errno \(errno)") }
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    guard accepts else { return }
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0 { return }
        if hangsUp { close(client) } else { accepted.withLock { $0.append(client) } }
      }
    }
  }

  /// Stops listening; the thread keeps the object until then.
  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    accepted.withLock { for client in $0 { close(client) } }
  }
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

/// Waits until a condition holds that another process brings about.
func eventually(_ condition: () throws -> Bool) throws {
  for _ in 0..<500 {
    if try condition() { return }
    usleep(20_000)
  }
  throw TestFailure(description: "what was waited for did not happen within ten seconds")
}

/// Collects what a handler is told on any thread.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  func add(_ element: Element) { elements.withLock { $0.append(element) } }
  var all: [Element] { elements.withLock { $0 } }
}
