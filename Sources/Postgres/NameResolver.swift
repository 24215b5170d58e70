import CPostgres
import Glibc
import Synchronization

/// Looks host names up, with a deadline that getaddrinfo(3) itself does not know.
///
/// libpq would do the lookup inside its "non-blocking" connect and block in it;
/// given numeric addresses it never looks up anything.
enum NameResolver {
  enum Failure: Error, Equatable {
    case notResolved
    case timedOut
    case noThread
  }

  typealias Lookup = @Sendable (String) -> [String]

  /// Returns the numeric addresses of a host in the order of the system's preference.
  static func resolve(
    _ host: String, deadline: Deadline, using lookup: @escaping Lookup = { addresses(of: $0) }
  ) throws(Failure) -> [String] {
    let numeric = addresses(of: host, flags: AI_NUMERICHOST)
    if !numeric.isEmpty { return numeric }
    guard let answer = Answer() else { throw .noThread }
    // The thread keeps the answer alive after the caller has stopped waiting.
    guard startThread({ answer.set(lookup(host)) }) else { throw .noThread }
    guard let found = answer.wait(until: deadline) else { throw .timedOut }
    guard !found.isEmpty else { throw .notResolved }
    return found
  }

  /// Asks getaddrinfo(3), which may block for as long as the name servers let it.
  static func addresses(of host: String, flags: Int32 = 0) -> [String] {
    var hints = addrinfo()
    hints.ai_flags = flags
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0, let list else { return [] }
    defer { freeaddrinfo(list) }
    var found: [String] = []
    var next: UnsafeMutablePointer<addrinfo>? = list
    while let entry = next {
      if let text = numericText(entry.pointee), !found.contains(text) { found.append(text) }
      next = entry.pointee.ai_next
    }
    return found
  }

  private static func numericText(_ entry: addrinfo) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
      guard let base = buffer.baseAddress,
        getnameinfo(
          entry.ai_addr, entry.ai_addrlen, base, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
          == 0
      else { return nil }
      return String(cString: base)
    }
  }
}

/// An answer that another thread gives, with a pair of sockets to wait on.
private final class Answer: Sendable {
  private let found = Mutex<[String]>([])
  private let readEnd: Int32
  private let writeEnd: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func set(_ addresses: [String]) {
    found.withLock { $0 = addresses }
    var signal: UInt8 = 1
    _ = write(writeEnd, &signal, 1)
  }

  func wait(until deadline: Deadline) -> [String]? {
    Polling.wait(for: readEnd, .reading, until: deadline) == .ready
      ? found.withLock { $0 } : nil
  }
}
