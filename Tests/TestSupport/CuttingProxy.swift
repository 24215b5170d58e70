import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server of this machine, and can cut all ways between them.
public final class CuttingProxy: Sendable {
  private let server: UInt16
  private let listener = Mutex<LoopbackListener?>(nil)
  private let open = Mutex<[Int32]>([])
  private let received = Atomic<Int>(0)

  /// - Parameter url: the address of the server.
  public init(to url: String) throws {
    guard let port = URLComponents(string: url)?.port.flatMap(UInt16.init(exactly:)) else {
      throw SubprocessFailure(description: "the URL names no port")
    }
    server = port
    let made = try LoopbackListener { [weak self] client in
      guard let self, let upstream = connectToLoopback(self.server) else {
        return _ = close(client)
      }
      self.open.withLock { $0 += [client, upstream] }
      Thread.detachNewThread { self.pump(client, upstream, isAnswer: false) }
      Thread.detachNewThread { self.pump(upstream, client, isAnswer: true) }
    }
    listener.withLock { $0 = made }
  }

  deinit { listener.withLock { $0 }?.stop() }

  /// A URL with the way through the proxy in place of the straight one.
  public func url(_ url: String, query: String) -> String {
    var components = URLComponents(string: url)
    components?.port = listener.withLock { Int($0?.port ?? 0) }
    components?.query = query
    return components?.string ?? url
  }

  /// How many bytes the server has sent.
  public var bytesReceived: Int { received.load(ordering: .relaxed) }

  /// Ends every connection; new ones are possible at once.
  public func cut() {
    // Never closed, so that no number can be another connection's by now.
    for connection in open.withLock({ $0 }) { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  private func pump(_ source: Int32, _ sink: Int32, isAnswer: Bool) {
    var bytes = [UInt8](repeating: 0, count: 65536)
    while case let count = recv(source, &bytes, bytes.count, 0), count > 0 {
      if isAnswer { received.add(count, ordering: .relaxed) }
      guard sendAll(sink, Array(bytes[..<count])) else { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(sink, Int32(SHUT_RDWR))
  }
}
