import Foundation
import Glibc
import Synchronization

/// A way to a PostgreSQL server on which round trips are counted: with distance, they are the time.
///
/// A round trip begins with what a client sends after it has heard something, and the first with its greeting.
/// So the turns that make a session count too, and a COPY in is one turn to begin and one to end.
/// Connections through it must not be encrypted.
public final class CountingProxy: Sendable {
  private let server: UInt16
  private let listener = Mutex<LoopbackListener?>(nil)
  private let count = Atomic<Int>(0)
  private let made = Atomic<Int>(0)
  private let open = Mutex<[Int32]>([])

  /// One connection: who spoke last, false for the client.
  private final class Talk: Sendable { let serverSpoke = Atomic<Bool>(true) }

  public init(to server: UInt16) throws {
    self.server = server
    let made = try LoopbackListener { [weak self] client in
      guard let self, let upstream = connectToLoopback(self.server) else {
        return _ = close(client)
      }
      self.made.add(1, ordering: .relaxed)
      for side in [client, upstream] { Self.sendAtOnce(side) }
      self.open.withLock { $0 += [client, upstream] }
      let talk = Talk()
      Thread.detachNewThread { self.pump(client, upstream, talk, isClient: true) }
      Thread.detachNewThread { self.pump(upstream, client, talk, isClient: false) }
    }
    listener.withLock { $0 = made }
  }

  /// A proxy to the server that a URL names.
  public convenience init(toServerOf url: String) throws {
    guard let port = URLComponents(string: url)?.port else {
      throw SubprocessFailure(description: "a URL without a port: \(url)")
    }
    try self.init(to: UInt16(port))
  }

  deinit { listener.withLock { $0 }?.stop() }

  /// A URL with the way through the proxy in place of the straight one.
  public func url(_ url: String) -> String {
    var components = URLComponents(string: url)
    components?.port = listener.withLock { Int($0?.port ?? 0) }
    components?.query = "sslmode=disable"
    return components?.string ?? url
  }

  /// How many round trips there were, and on how many connections.
  public var turns: Int { count.load(ordering: .sequentiallyConsistent) }
  public var connections: Int { made.load(ordering: .relaxed) }

  /// Returns how many round trips a body takes.
  public func turns(of body: () throws -> Void) rethrows -> Int {
    let before = turns
    try body()
    return turns - before
  }

  /// Cuts every connection, with no word of why.
  public func cut() {
    for descriptor in open.withLock({ $0 }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  /// Two small pieces in a row would wait for the first one's acknowledgment else.
  private static func sendAtOnce(_ side: Int32) {
    var on: Int32 = 1
    setsockopt(side, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  private func pump(_ source: Int32, _ sink: Int32, _ talk: Talk, isClient: Bool) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let size = recv(source, &buffer, buffer.count, 0), size > 0 {
      if isClient {
        if talk.serverSpoke.exchange(false, ordering: .sequentiallyConsistent) {
          count.add(1, ordering: .sequentiallyConsistent)
        }
      } else {
        talk.serverSpoke.store(true, ordering: .sequentiallyConsistent)
      }
      guard sendAll(sink, Array(buffer[..<size])) else { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(sink, Int32(SHUT_RDWR))
  }
}
