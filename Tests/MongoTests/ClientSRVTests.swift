import Foundation
import Glibc
import Mongo
import TestSupport
import Testing

private let isInside = ProcessInfo.processInfo.environment["MIGRATE_TEST_SRV"] != nil

@Suite struct ClientSRVTests {
  /// Runs the test below in a network of its own, where the resolver asks a name server of ours.
  @Test(.enabled(if: !isInside)) func runsWhereNamesAreOurs() throws {
    let folder = try TemporaryFolder()
    let resolver = try folder.file(
      "resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n")
    let raiseLoopback =
      "import fcntl,socket,struct;"
      + "fcntl.ioctl(socket.socket(socket.AF_INET,socket.SOCK_DGRAM),0x8914,"
      + "struct.pack('16sh14x',b'lo',0x49))"
    let script = """
      mount --bind "$0" /etc/resolv.conf && "$3" -c "$1" && \
      exec "$2" --filter ClientSRVTests/connectsThroughRecords --testing-library swift-testing
      """
    let finished = try run(
      "/usr/bin/unshare",
      [
        "-rmn", "/bin/bash", "-c", script, resolver, raiseLoopback, CommandLine.arguments[0],
        TestServers.python(),
      ],
      environment: ProcessInfo.processInfo.environment.merging(["MIGRATE_TEST_SRV": "1"]) { $1 })
    #expect(finished.exitCode == 0, "\(finished.output)\(finished.errors)")
    #expect((finished.output + finished.errors).contains("Test connectsThroughRecords() passed"))
  }

  @Test(.enabled(if: isInside)) func connectsThroughRecords() throws {
    let mongod = try LoneMongod()
    let names = try NameServer(mongoPort: mongod.port)
    defer { names.stop() }

    let url = try MongoURL("mongodb+srv://cluster0.shop.example/shop?tls=false")
    #expect(url.hosts == ["cluster0.shop.example"])
    let client = try MongoClient(url)
    #expect(try client.facts().role == .standalone)

    let bare = "?tls=false"
    let (missing, _) = try connectFailure("mongodb+srv://none.shop.example/" + bare)
    #expect(missing?.kind == .nameNotResolved)

    // Records that lead out of the domain are refused, or anyone's DNS could take a client away.
    let (elsewhere, _) = try connectFailure("mongodb+srv://astray.shop.example/" + bare)
    #expect(elsewhere?.kind == .nameNotResolved)

    let (silent, duration) = try connectFailure(
      "mongodb+srv://silent.shop.example/" + bare, timeout: .seconds(2))
    #expect(silent?.kind == .nameNotResolved)
    #expect(duration < .milliseconds(3900))
  }
}

/// A name server on 127.0.0.1:53 that knows a handful of records, and is silent about `silent`.
private final class NameServer: @unchecked Sendable {
  private let socket: Int32
  private let mongoPort: UInt16

  init(mongoPort: UInt16) throws {
    self.mongoPort = mongoPort
    let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    self.socket = socket
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(53).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound else { throw TestSetupFailure("no name server: errno \(errno)") }
    Thread.detachNewThread { [self] in serve() }
  }

  func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

  private func serve() {
    var query = [UInt8](repeating: 0, count: 512)
    while true {
      var sender = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutablePointer(to: &sender) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          let count = recvfrom(socket, &query, query.count, 0, address, &length)
          guard count > 12, let reply = reply(to: Array(query[..<count])) else { return }
          _ = sendto(socket, reply, reply.count, 0, address, length)
        }
      }
      if length == 0 { return }
    }
  }

  private func reply(to query: [UInt8]) -> [UInt8]? {
    guard let nameEnd = query[12...].firstIndex(of: 0), nameEnd + 5 <= query.count else {
      return nil
    }
    let name = labels(query[12..<nameEnd])
    let type = query[nameEnd + 2]
    if name.contains("silent") { return nil }
    let data = record(name, type)
    let header: [UInt8] =
      query[0..<2] + [0x81, data == nil ? 0x83 : 0x80, 0, 1, 0, data == nil ? 0 : 1, 0, 0, 0, 0]
    let question = query[12..<(nameEnd + 5)]
    guard let data else { return header + question }
    return header + question + [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
  }

  private func record(_ name: String, _ type: UInt8) -> [UInt8]? {
    switch (name, type) {
    case ("_mongodb._tcp.cluster0.shop.example", 33): service("node1.shop.example")
    case ("_mongodb._tcp.astray.shop.example", 33): service("node1.thief.example")
    case ("cluster0.shop.example", 16): [16] + Array("authSource=admin".utf8)
    case ("node1.shop.example", 1): [127, 0, 0, 1]
    default: nil
    }
  }

  /// An SRV record's data: priority, weight, port, target.
  private func service(_ target: String) -> [UInt8] {
    let encoded = target.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    return [0, 0, 0, 0, UInt8(mongoPort >> 8), UInt8(mongoPort & 255)] + encoded + [0]
  }

  private func labels(_ bytes: ArraySlice<UInt8>) -> String {
    var rest = bytes
    var parts: [String] = []
    while let length = rest.popFirst() {
      parts.append(String(decoding: rest.prefix(Int(length)), as: UTF8.self))
      rest = rest.dropFirst(Int(length))
    }
    return parts.joined(separator: ".").lowercased()
  }
}
