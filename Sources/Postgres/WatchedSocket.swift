import Glibc

/// The socket of a connection, checked and ended from another thread than that of its calls.
///
/// libpq closes its descriptor when it likes, and the number may then represent
/// another file. So each look goes through a duplicate, which is used only if it
/// is the very socket that was there at the beginning.
struct WatchedSocket: Sendable {
  private let descriptor: Int32
  private let inode: ino_t

  /// - Returns: nil for what is not a TCP socket.
  init?(_ descriptor: Int32) {
    guard let inode = Self.inode(of: descriptor), Self.silence(of: descriptor) != nil else {
      return nil
    }
    (self.descriptor, self.inode) = (descriptor, inode)
  }

  /// Returns for how long nothing has come and nothing has gone, nil if bytes wait in either direction.
  func silence() -> Duration? {
    withDuplicate { own in
      Self.waiting(FIONREAD, own) == 0 && Self.waiting(TIOCOUTQ, own) == 0
        ? Self.silence(of: own) : nil
    }
  }

  /// Ends the connection in both directions, which ends all waiting calls at once.
  func shutDown() {
    _ = withDuplicate { own in shutdown(own, Int32(SHUT_RDWR)) }
  }

  private func withDuplicate<Value>(_ body: (Int32) -> Value?) -> Value? {
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { return nil }
    defer { close(own) }
    return Self.inode(of: own) == inode ? body(own) : nil
  }

  private static func inode(of descriptor: Int32) -> ino_t? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status.st_ino : nil
  }

  /// Counts the bytes that came and were not read, or that went and were not acknowledged.
  private static func waiting(_ request: Int32, _ descriptor: Int32) -> Int32? {
    var count: Int32 = 0
    return ioctl(descriptor, UInt(request), &count) == 0 ? count : nil
  }

  private static func silence(of descriptor: Int32) -> Duration? {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else {
      return nil
    }
    return .milliseconds(min(info.tcpi_last_data_recv, info.tcpi_last_data_sent))
  }
}
