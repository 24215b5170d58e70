import Foundation
import Mongo
import TestSupport
import Testing

@Suite struct ClientConnectTests {
  @Test func tellsAboutTheServer() throws {
    let client = try MongoClient(try MongoURL(try TestServers.mongoURL()))
    let facts = try client.facts()
    #expect(facts.version.hasPrefix("6."))
    #expect(facts.role == .primary && facts.isWritable)
    #expect(facts.topology == .replicaSet("private"))
    #expect(!facts.usesTLS)
    #expect(facts.roundTrip > .zero && facts.roundTrip < .seconds(5))
    #expect(abs((facts.clockAhead ?? .seconds(99)).components.seconds) < 2)
    #expect(facts.maximumDocumentSize == 16 * 1024 * 1024)
    #expect(facts.driverVersion.hasPrefix("1."))
    let later = try client.operationTime()
    #expect(facts.operationTime.flatMap { first in later.map { $0 >= first } } == true)
    #expect(try client.hasCollections("surely_not_there") == false)
  }

  @Test func refusedPort() throws {
    let port = try freePort()
    let (error, duration) = try connectFailure("mongodb://ann:s3cret@127.0.0.1:\(port)/db")
    #expect(error?.kind == .refused)
    #expect(error?.hosts.map(\.host) == ["127.0.0.1:\(port)"])
    #expect(error?.isTransient == true)
    #expect(error?.description.contains("s3cret") == false)
    // Nobody waits for a server that refuses.
    #expect(duration < .milliseconds(4900))
  }

  @Test func waitsForAServerWhenAskedTo() throws {
    let port = try freePort()
    let (error, duration) = try connectFailure(
      "mongodb://127.0.0.1:\(port)/", timeout: .seconds(3), waits: true)
    #expect(error?.kind == .refused)
    #expect(duration > .seconds(1) && duration < .milliseconds(5900))
  }

  @Test func silentHostWithinTheTimeout() throws {
    let listener = try LoopbackListener.silent()
    defer { listener.stop() }
    for options in ["", "?tls=true&tlsAllowInvalidCertificates=true"] {
      let (error, duration) = try connectFailure(
        "mongodb://ann:s3cret@127.0.0.1:\(listener.port)/" + options, timeout: .seconds(2))
      #expect(error?.kind == .timedOut)
      #expect(duration < .milliseconds(3900))
    }
  }

  @Test func hostThatFallsSilentAfterItsGreeting() throws {
    let server = try LoopbackListener.greeting()
    defer { server.stop() }
    let (error, duration) = try connectFailure(
      "mongodb://ann:s3cret@127.0.0.1:\(server.port)/", timeout: .seconds(2))
    #expect(error?.kind == .timedOut)
    #expect(duration < .milliseconds(3900))
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test func notMongoDB() throws {
    let closing = try LoopbackListener.closing()
    let talking = try LoopbackListener.saying("220 mail.example ESMTP ready\r\n")
    defer {
      closing.stop()
      talking.stop()
    }
    for port in [closing.port, talking.port] {
      let (error, _) = try connectFailure("mongodb://127.0.0.1:\(port)/", timeout: .seconds(2))
      #expect(error?.kind == .notMongoDB)
    }
  }

  @Test func unknownName() throws {
    let (error, duration) = try connectFailure(
      "mongodb://no-such-host.invalid/", timeout: .seconds(3))
    #expect(error?.kind == .nameNotResolved)
    #expect(duration < .milliseconds(5900))
  }

  @Test func unknownNameOfSRV() throws {
    let (error, duration) = try connectFailure(
      "mongodb+srv://ann:s3cret@cluster0.nowhere.invalid/", timeout: .seconds(3))
    #expect(error?.kind == .nameNotResolved)
    #expect(duration < .milliseconds(5900))
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test func wrongPassword() throws {
    let url = try changed(try TestServers.mongoURL()) { $0.password = "s3cret" }
    let (error, duration) = try connectFailure(url)
    #expect(error?.kind == .authentication)
    #expect(error?.isTransient == false)
    #expect(error?.description.contains("s3cret") == false)
    #expect(duration < .milliseconds(4900))
  }

  @Test func passwordGivenApart() throws {
    let text = try TestServers.mongoURL()
    let password = try #require(URLComponents(string: text)?.password)
    let bare = try changed(text) { $0.password = "wrong" }
    let client = try MongoClient(try MongoURL(bare, password: password))
    #expect(try client.ping() > .zero)
  }

  @Test func percentEncodedPassword() throws {
    let scratch = try ScratchDatabase()
    let user = "user_" + scratch.name
    _ = try scratch.client.runCommand(
      [
        "createUser": BSONValue(user), "pwd": "p@ss:w/o?r#d%[ü]", "roles": ["read"],
      ], on: scratch.name)
    defer {
      _ = try? scratch.client.runCommand(["dropUser": BSONValue(user)], on: scratch.name)
    }
    let url = try changed(try TestServers.mongoURL()) {
      $0.percentEncodedUser = user
      $0.percentEncodedPassword = "p%40ss%3Aw%2Fo%3Fr%23d%25%5B%C3%BC%5D"
      $0.queryItems = [
        URLQueryItem(name: "replicaSet", value: "private"),
        URLQueryItem(name: "authSource", value: scratch.name),
      ]
    }
    let client = try MongoClient(try MongoURL(url))
    let error = #expect(throws: MongoError.self) {
      try client.createCollection(scratch.namespace("refused"))
    }
    #expect(error?.code == .unauthorized)
    #expect(error?.disposition == .needsPerson)
    #expect(error?.server?.hasPrefix("127.0.0.1:") == true)
  }

  @Test func noUserAtAll() throws {
    let url = try changed(try TestServers.mongoURL()) {
      $0.user = nil
      $0.password = nil
    }
    let client = try MongoClient(try MongoURL(url))
    let error = #expect(throws: MongoError.self) { try client.collections(in: "nextcrm") }
    #expect(error?.code == .unauthorized)
  }

  @Test func wrongReplicaSetName() throws {
    let url = try changed(try TestServers.mongoURL()) {
      $0.queryItems = [URLQueryItem(name: "replicaSet", value: "another")]
    }
    let (error, duration) = try connectFailure(url)
    #expect(error?.kind == .wrongReplicaSetName)
    #expect(error?.detail.contains("private") == true)
    #expect(duration < .milliseconds(9900))
  }

  @Test func memberWithoutAPrimary() throws {
    let member = try LoneMongod(replicaSet: "nobody")
    for options in ["", "?replicaSet=nobody", "?directConnection=true"] {
      let (error, duration) = try connectFailure(
        "mongodb://127.0.0.1:\(member.port)/" + options, timeout: .seconds(3))
      #expect(error?.kind == .noPrimary, "\(options)")
      #expect(duration < .milliseconds(5900))
    }
  }

  @Test func tlsAskedForAndNotOffered() throws {
    let url = try TestServers.mongoURL() + "&tls=true&tlsAllowInvalidCertificates=true"
    let (error, _) = try connectFailure(url)
    #expect(error?.kind == .tlsNotOffered)
  }

  @Test func unreadableCertificateFile() throws {
    let url = try TestServers.mongoURL() + "&tls=true&tlsCAFile=/nonexistent/ca.pem"
    let (error, _) = try connectFailure(url)
    #expect(error?.kind == .certificateFile)
    #expect(error?.detail == "/nonexistent/ca.pem")
  }
}
