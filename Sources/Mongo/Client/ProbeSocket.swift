import CMongoDriver
import Glibc

/// Owns one connection of a `HostProbe`.
final class ProbeSocket {
  /// Why no connection came about, by the resolver's or the system's code.
  enum Failure: Error {
    case resolver(Int32)
    case system(Int32)

    var finding: HostProbe.Finding {
      switch self {
      case .resolver(let code): (.nameNotResolved, String(cString: gai_strerror(code)))
      case .system(ECONNREFUSED): (.refused, String(cString: strerror(ECONNREFUSED)))
      case .system(ETIMEDOUT): (.timedOut, String(cString: strerror(ETIMEDOUT)))
      case .system(let code): (.unreachable, String(cString: strerror(code)))
      }
    }
  }

  enum Answer { case answered, silence, closed }

  // The stream owns the socket, and a TLS stream owns the plain one.
  private var stream: UnsafeMutablePointer<mongoc_stream_t>
  private let patience: Duration

  /// Resolves a name and connects to the first of its addresses that accepts.
  init(host: String, port: UInt16, patience: Duration) throws(Failure) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else { throw .resolver(code) }
    defer { freeaddrinfo(list) }
    var reason = ENOENT
    var next = list
    while let address = next {
      if let connected = Self.connect(address.pointee, patience, &reason) {
        stream = connected
        self.patience = patience
        return
      }
      next = address.pointee.ai_next
    }
    throw .system(reason)
  }

  deinit { mongoc_stream_destroy(stream) }

  private static func connect(
    _ address: addrinfo, _ patience: Duration, _ reason: inout Int32
  ) -> UnsafeMutablePointer<mongoc_stream_t>? {
    guard
      let socket = mongoc_socket_new(
        address.ai_family, address.ai_socktype, address.ai_protocol)
    else {
      reason = errno
      return nil
    }
    // The driver wants the moment to give up, on its own clock of microseconds.
    let expiry = bson_get_monotonic_time() + Int64(patience.wholeMilliseconds) * 1000
    guard mongoc_socket_connect(socket, address.ai_addr, address.ai_addrlen, expiry) == 0 else {
      let code = mongoc_socket_errno(socket)
      reason = code == 0 || code == EINPROGRESS ? ETIMEDOUT : code
      mongoc_socket_destroy(socket)
      return nil
    }
    return mongoc_stream_socket_new(socket)
  }

  /// Asks `hello` in plain and says whether anything like an answer comes.
  func hello() -> Answer {
    let message = Self.helloMessage
    let milliseconds = patience.wholeMilliseconds
    let sent = message.withUnsafeBytes { bytes in
      mongoc_stream_write(
        stream, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, milliseconds)
    }
    guard sent == message.count else { return .closed }
    var header = [UInt8](repeating: 0, count: 16)
    let received = header.withUnsafeMutableBytes {
      mongoc_stream_read(stream, $0.baseAddress, $0.count, $0.count, milliseconds)
    }
    if received == header.count {
      return header[8..<16].elementsEqual(Self.replyMark) ? .answered : .closed
    }
    return received < 0 && mongoc_stream_timed_out(stream) ? .silence : .closed
  }

  /// Completes a TLS handshake, or returns the driver's words about why not.
  func handshake(as host: String, _ settings: TLSSettings, _ checks: TLSChecks) -> String? {
    withOptionalCString(settings.authority) { authority in
      withOptionalCString(settings.certificateAndKey) { certificate in
        withOptionalCString(settings.keyPassword) { password in
          var options = mongoc_ssl_opt_t()
          options.ca_file = authority
          options.pem_file = certificate
          options.pem_pwd = password
          options.weak_cert_validation = checks == .nothing
          options.allow_invalid_hostname = checks != .everything
          return handshake(as: host, &options)
        }
      }
    }
  }

  private func handshake(as host: String, _ options: inout mongoc_ssl_opt_t) -> String? {
    guard let secured = mongoc_stream_tls_new_with_hostname(stream, host, &options, 1) else {
      return "could not use the certificate files"
    }
    stream = secured
    var error = bson_error_t()
    let done = mongoc_stream_tls_handshake_block(
      secured, host, patience.wholeMilliseconds, &error)
    return done ? nil : MongoError.text(of: error)
  }

  /// `responseTo` 1 and operation code 2013, `OP_MSG`, as an answer must carry them.
  private static let replyMark: [UInt8] = [1, 0, 0, 0, 0xDD, 7, 0, 0]

  /// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
  private static let helloMessage: [UInt8] = {
    let command: BSONDocument = ["hello": 1, "$db": "admin"]
    let length = UInt8(21 + command.bytes.count)
    return [length, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xDD, 7, 0, 0, 0, 0, 0, 0, 0] + command.bytes
  }()
}

private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}
