import Foundation
import Glibc
import Synchronization

/// A way to a PostgreSQL server on which one message comes to say that it is longer than what is sent.
///
/// Connections through it must not be encrypted.
public final class DamagingProxy: Sendable {
  /// Which message is struck, and how much longer it says it is.
  public struct Damage: Sendable {
    public enum Direction: Sendable { case toServer, fromServer }
    let direction: Direction
    let type: Character
    let extra: UInt32

    public init(_ direction: Direction, _ type: Character, extra: UInt32) {
      (self.direction, self.type, self.extra) = (direction, type, extra)
    }
  }

  private let server: UInt16
  private let damage = Mutex<Damage?>(nil)
  private let listener = Mutex<LoopbackListener?>(nil)

  public init(to server: UInt16) throws {
    self.server = server
    let made = try LoopbackListener { [weak self] client in
      guard let self, let upstream = self.connectToServer() else { return _ = close(client) }
      Thread.detachNewThread { self.pump(client, upstream, .toServer) }
      Thread.detachNewThread { self.pump(upstream, client, .fromServer) }
    }
    listener.withLock { $0 = made }
  }

  deinit { listener.withLock { $0 }?.stop() }

  /// A URL with the way through the proxy in place of the straight one.
  public func url(_ url: String) -> String {
    var components = URLComponents(string: url)
    components?.port = listener.withLock { Int($0?.port ?? 0) }
    components?.query = "sslmode=disable"
    return components?.string ?? url
  }

  /// Strikes the next such message of any connection, once.
  public func strike(_ damage: Damage) { self.damage.withLock { $0 = damage } }

  /// Whether the strike has been made.
  public var hasStruck: Bool { damage.withLock { $0 == nil } }

  private func connectToServer() -> Int32? {
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return status == 0 ? upstream : nil
  }

  /// Carries message after message, and ends both sides when one ends.
  private func pump(_ source: Int32, _ sink: Int32, _ direction: Damage.Direction) {
    // What a client says first has a length, and no type before it.
    var prefix = direction == .toServer ? 0 : 1
    while var header = read(source, prefix + 4) {
      var left = header.suffix(4).reduce(0) { $0 << 8 | Int($1) } - 4
      strike(&header, prefix == 1 ? direction : nil)
      var isWhole = write(sink, header)
      while isWhole, left > 0 {
        guard let piece = read(source, min(left, 65536)) else { break }
        left -= piece.count
        isWhole = write(sink, piece)
      }
      if !isWhole { break }
      prefix = 1
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(sink, Int32(SHUT_RDWR))
  }

  private func strike(_ header: inout [UInt8], _ direction: Damage.Direction?) {
    damage.withLock { damage in
      guard let wanted = damage, wanted.direction == direction,
        header[0] == wanted.type.asciiValue
      else { return }
      let length = header[1...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } &+ wanted.extra
      header = [header[0]] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
      damage = nil
    }
  }

  private func read(_ source: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return recv(source, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
  }

  private func write(_ sink: Int32, _ bytes: [UInt8]) -> Bool {
    send(sink, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}
