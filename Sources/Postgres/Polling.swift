import Glibc

/// Waits for one file descriptor with poll(2).
enum Polling {
  enum Direction { case reading, writing }
  enum Outcome { case ready, timedOut, failed }

  static func wait(
    for descriptor: Int32, _ direction: Direction, until deadline: Deadline
  ) -> Outcome {
    var entry = pollfd(
      fd: descriptor, events: Int16(direction == .reading ? POLLIN : POLLOUT), revents: 0)
    while true {
      let count = poll(&entry, 1, deadline.pollMilliseconds)
      if count > 0 { return .ready }
      if count < 0 && errno != EINTR { return .failed }
      if deadline.remaining == .zero { return .timedOut }
    }
  }

  /// Takes the error that a non-blocking connect(2) ended with; zero if there is none.
  static func takeSocketError(_ descriptor: Int32) -> Int32 {
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    let status = getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
    return status == 0 ? error : 0
  }

  /// Returns the next byte that has arrived without taking it away.
  static func peekByte(_ descriptor: Int32) -> UInt8? {
    var byte: UInt8 = 0
    let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
    return recv(descriptor, &byte, 1, flags) == 1 ? byte : nil
  }

  /// Returns the errno with which connect(2) to a Unix socket fails; zero if it does not.
  static func unixConnectError(path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < capacity else { return ENAMETOOLONG }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // A leading @ represents the abstract namespace, whose names begin with NUL.
    if bytes.first == UInt8(ascii: "@") { address.sun_path.0 = 0 }
    return connectError(
      to: address, family: AF_UNIX,
      size: bytes.first == UInt8(ascii: "@")
        ? MemoryLayout<sa_family_t>.size + bytes.count : MemoryLayout<sockaddr_un>.size)
  }

  private static func connectError<Address>(
    to address: Address, family: Int32, size: Int
  ) -> Int32 {
    let probe = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return errno }
    defer { close(probe) }
    let status = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(probe, $0, socklen_t(size)) }
    }
    return status == 0 ? 0 : errno
  }
}
