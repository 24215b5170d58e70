import Foundation
import Glibc
import Synchronization

/// A way to a MongoDB server on which replies come as others than they were sent.
public final class MongoReplyProxy: Sendable {
  public typealias Change = @Sendable (_ reply: [UInt8]) -> [UInt8]

  private let change = Mutex<Change?>(nil)
  private let listener = Mutex<LoopbackListener?>(nil)

  public init(to server: UInt16) throws {
    let made = try LoopbackListener { [weak self] client in
      guard let self, let upstream = connectToLoopback(server) else { return _ = close(client) }
      Thread.detachNewThread { Self.passOn(client, upstream) }
      Thread.detachNewThread { self.passOnReplies(upstream, client) }
    }
    listener.withLock { $0 = made }
  }

  deinit { listener.withLock { $0 }?.stop() }

  /// A URL with the way through the proxy in place of the straight one, and no other.
  public func url(_ url: String) -> String {
    var components = URLComponents(string: url)
    components?.port = listener.withLock { Int($0?.port ?? 0) }
    components?.query = "directConnection=true&authSource=admin"
    return components?.string ?? url
  }

  /// Changes all replies from now on, or none.
  public func change(_ change: Change?) { self.change.withLock { $0 = change } }

  private static func passOn(_ client: Int32, _ server: Int32) {
    var bytes = [UInt8](repeating: 0, count: 65536)
    while case let count = recv(client, &bytes, bytes.count, 0), count > 0,
      sendAll(server, Array(bytes[..<count]))
    {}
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  private func passOnReplies(_ server: Int32, _ client: Int32) {
    while let header = receiveAll(server, 4) {
      let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
      guard let rest = receiveAll(server, length - 4) else { break }
      let reply = header + rest
      guard sendAll(client, change.withLock { $0 }?(reply) ?? reply) else { break }
    }
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
    close(client)
    close(server)
  }
}
