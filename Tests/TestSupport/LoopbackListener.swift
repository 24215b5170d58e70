import Foundation
import Glibc

/// A loopback socket that accepts connections and does one thing with each.
public final class LoopbackListener: @unchecked Sendable {
  public let port: UInt16
  private let listener: Int32
  private let handle: @Sendable (Int32) -> Void

  /// - Parameter handle: gets each accepted connection, which stays open unless it closes it.
  public init(_ handle: @escaping @Sendable (Int32) -> Void) throws {
    self.handle = handle
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw SubprocessFailure(description: "no loopback socket") }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        self.handle(connection)
      }
      close(listener)
    }
  }

  /// Ends the thread, which closes the listening socket.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Accepts connections and never says anything.
  public static func silent() throws -> LoopbackListener { try LoopbackListener { _ in } }

  /// Closes every connection at once.
  public static func closing() throws -> LoopbackListener { try LoopbackListener { close($0) } }
}

/// A port of 127.0.0.1 where nothing listens.
public func freePort() throws -> UInt16 {
  let listener = try LoopbackListener.closing()
  listener.stop()
  usleep(50_000)
  return listener.port
}

/// Connects to a port of 127.0.0.1.
public func connectToLoopback(_ port: UInt16) -> Int32? {
  let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let status = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  if status == 0 { return connection }
  close(connection)
  return nil
}

/// Reads a number of bytes; nil if the connection ends before.
func receiveAll(_ connection: Int32, _ count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  return recv(connection, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
}

/// Returns false if the other side is gone.
func sendAll(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
  send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
}
