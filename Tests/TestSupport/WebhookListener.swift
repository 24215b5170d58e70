import Foundation
import Glibc
import Synchronization

/// A webhook on loopback that takes what is posted, and answers as a test says.
public final class WebhookListener: Sendable {
  /// What it does with the next request.
  public enum Behaviour: Sendable {
    case answer(Int)
    /// Redirects clients to another address.
    case redirect(String)
    /// Reads, and never says anything.
    case silence
    case close
  }

  private struct State {
    var next: [Behaviour]
    var bodies: [String] = []
    var heads: [String] = []
  }

  private let state: Mutex<State>
  private let listener = Mutex<LoopbackListener?>(nil)

  /// - Parameter behaviours: for one request after the other; the last one for all that follow.
  public init(_ behaviours: Behaviour...) throws {
    state = Mutex(State(next: behaviours))
    let made = try LoopbackListener { [weak self] connection in
      guard let self else { return }
      Thread.detachNewThread { self.serve(connection) }
    }
    listener.withLock { $0 = made }
  }

  public var port: UInt16 { listener.withLock { $0?.port ?? 0 } }
  public var url: String { "http://127.0.0.1:\(port)/hook/T0P-5ECRET" }
  public var bodies: [String] { state.withLock { $0.bodies } }
  public var heads: [String] { state.withLock { $0.heads } }

  deinit { listener.withLock { $0 }?.stop() }

  private func serve(_ connection: Int32) {
    let (head, body) = read(connection)
    let behaviour = state.withLock { state -> Behaviour in
      state.heads.append(head)
      state.bodies.append(body)
      return state.next.count > 1 ? state.next.removeFirst() : state.next[0]
    }
    switch behaviour {
    case .answer(let status):
      write(connection, "HTTP/1.1 \(status) FailureText\r\nContent-Length: 0\r\n\r\n")
    case .redirect(let place):
      write(
        connection, "HTTP/1.1 307 Elsewhere\r\nLocation: \(place)\r\nContent-Length: 0\r\n\r\n")
    case .silence:
      // Until the other side gives up.
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
    case .close: break
    }
    close(connection)
  }

  private func write(_ connection: Int32, _ text: String) {
    _ = text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
  }

  /// Reads a request with all the bytes that its head announces.
  private func read(_ connection: Int32) -> (head: String, body: String) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let (head, body) = (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
        let wanted = head.firstMatch(of: /(?i)content-length: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
        if body.utf8.count >= wanted { return (head, body) }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return (text, "") }
      bytes += buffer[..<count]
    }
  }
}
