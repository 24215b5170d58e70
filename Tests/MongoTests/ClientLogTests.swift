import Foundation
import Glibc
import Mongo
import Synchronization
import TestSupport
import Testing

@Suite struct ClientLogTests {
  /// What the driver logs on its own: a wrong password, an option that it does not know, a port
  /// without a listener.
  private func provokeMessages() throws {
    let wrong = try changed(try TestServers.mongoURL()) { $0.password = "s3cret" }
    _ = try connectFailure(wrong)
    _ = try MongoURL("mongodb://ann:s3cret@127.0.0.1/?nonsense=1")
    _ = try connectFailure("mongodb://ann:s3cret@127.0.0.1:\(try freePort())/")
  }

  @Test func printsNothingAndTellsTheHandlerNoSecret() throws {
    let log = Mutex<[String]>([])
    let folder = try TemporaryFolder()
    let file = folder.path + "/stderr"
    let saved = dup(2)
    let capture = open(file, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    dup2(capture, 2)
    let result = Result {
      try provokeMessages()
      MongoLibrary.setLogHandler { _, text in log.withLock { $0.append(text) } }
      try provokeMessages()
    }
    MongoLibrary.setLogHandler(nil)
    dup2(saved, 2)
    close(capture)
    close(saved)
    try result.get()
    let printed = try String(contentsOfFile: file, encoding: .utf8)
    // Tests that run at the same time print there too; give it back to them.
    FileHandle.standardError.write(Data(printed.utf8))
    let messages = log.withLock { $0 }
    #expect(messages.contains { $0.contains("nonsense") })
    #expect(!messages.contains { printed.contains($0) })
    #expect(!messages.contains { $0.contains("s3cret") })
  }

  @Test func leavesNoFileInSharedMemory() throws {
    _ = try MongoClient(try MongoURL(try TestServers.mongoURL()))
    let files = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
    #expect(!files.contains("mongoc-\(getpid())"))
  }
}
