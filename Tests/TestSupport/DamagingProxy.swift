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
  private let counts = Mutex<[Character: Int]>([:])

  public init(to server: UInt16) throws {
    self.server = server
    let made = try LoopbackListener { [weak self] client in
      guard let self, let upstream = connectToLoopback(self.server) else {
        return _ = close(client)
      }
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

  /// How many messages of a type went to the server.
  public func messages(_ type: Character) -> Int { counts.withLock { $0[type] ?? 0 } }

  /// Carries message after message, and ends both sides when one ends.
  private func pump(_ source: Int32, _ sink: Int32, _ direction: Damage.Direction) {
    // What a client says first has a length, and no type before it.
    var prefix = direction == .toServer ? 0 : 1
    while var header = receiveAll(source, prefix + 4) {
      var left = header.suffix(4).reduce(0) { $0 << 8 | Int($1) } - 4
      if prefix == 1, direction == .toServer {
        counts.withLock { $0[Character(Unicode.Scalar(header[0])), default: 0] += 1 }
      }
      strike(&header, prefix == 1 ? direction : nil)
      var isWhole = sendAll(sink, header)
      while isWhole, left > 0 {
        guard let piece = receiveAll(source, min(left, 65536)) else { break }
        left -= piece.count
        isWhole = sendAll(sink, piece)
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
}
