import Foundation
import Glibc
import Mongo
import TestSupport

/// A mongod of its own, without authentication; with a set's name, a member never initiated.
final class LoneMongod {
  let port: UInt16
  private let folder: TemporaryFolder
  private let process = Process()

  init(replicaSet: String? = nil) throws {
    folder = try TemporaryFolder()
    port = try freePort()
    process.executableURL = URL(fileURLWithPath: try TestServers.mongod())
    process.arguments =
      [
        "--dbpath", folder.path, "--port", "\(port)", "--bind_ip", "127.0.0.1",
        "--wiredTigerCacheSizeGB", "0.25",
        "--setParameter", "diagnosticDataCollectionEnabled=false",
      ] + (replicaSet.map { ["--replSet", $0] } ?? [])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try waitUntilItAnswers()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  private func waitUntilItAnswers() throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      let failure = try connectFailure("mongodb://127.0.0.1:\(port)/", timeout: .seconds(2))
      if failure.error?.kind != .refused { return }
      usleep(100_000)
    }
    throw TestSetupFailure("mongod did not start")
  }
}

extension LoopbackListener {
  /// Says the same to everyone.
  static func saying(_ text: String) throws -> LoopbackListener {
    try LoopbackListener { _ = send($0, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }
  }

  /// Answers the first message of each connection as a standalone MongoDB would, and then never
  /// says anything again.
  static func greeting() throws -> LoopbackListener {
    try LoopbackListener { connection in
      var request = [UInt8](repeating: 0, count: 4096)
      let received = recv(connection, &request, request.count, 0)
      guard received > 16 else { return }
      let reply = greeting(to: request)
      _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// The driver greets with OP_QUERY (2004), which OP_REPLY (1) answers.
  private static func greeting(to request: [UInt8]) -> [UInt8] {
    let hello: BSONDocument = [
      "ismaster": true, "isWritablePrimary": true, "helloOk": true, "maxWireVersion": 17,
      "minWireVersion": 0, "maxBsonObjectSize": 16_777_216,
      "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "ok": 1,
    ]
    let requestID = request[4..<8]
    var message: [UInt8] = [1, 0, 0, 0] + requestID
    if request[12] == 0xDD {
      message += [0xDD, 7, 0, 0, 0, 0, 0, 0, 0]
    } else {
      message += [1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    }
    message += hello.bytes
    let length = UInt32(message.count + 4)
    return withUnsafeBytes(of: length.littleEndian) { Array($0) } + message
  }
}
