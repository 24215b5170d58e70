/// What a server says about itself.
struct Hello {
  let reply: BSONDocument

  var setName: String? { reply["setName"]?.stringValue }

  var role: ServerFacts.Role {
    if reply["msg"]?.stringValue == "isdbgrid" { return .router }
    let isWritable = reply["isWritablePrimary"] ?? reply["ismaster"]
    if setName == nil {
      return reply["isreplicaset"]?.boolValue == true ? .uninitiatedMember : .standalone
    }
    if isWritable?.boolValue == true { return .primary }
    if reply["secondary"]?.boolValue == true { return .secondary }
    return reply["arbiterOnly"]?.boolValue == true ? .arbiter : .otherMember
  }

  /// Whether the server may serve the reads that a URL asks for.
  ///
  /// The driver itself takes any host that is the only one in a URL without a set's name, even one
  /// that lags behind its primary; here that needs `directConnection` or a read preference.
  func canServe(_ url: MongoURL) -> Bool {
    switch role {
    // The only host of a URL without a set's name is taken by the driver whatever it is.
    case .primary: url.directConnection || url.readPreference != .secondary
    case .standalone, .router: true
    case .secondary: url.directConnection || url.readPreference != .primary
    case .uninitiatedMember, .arbiter, .otherMember: false
    }
  }
}

extension ClientHandle {
  /// Asks the server chosen by the read preference who it is.
  func hello() throws(MongoError) -> Hello {
    do throws(MongoError) {
      return Hello(reply: try helloReply("hello"))
    } catch {
      // MongoDB 4.4.0 and 4.4.1 know only the old name.
      guard error.code == .commandNotFound else { throw error }
      return Hello(reply: try helloReply("isMaster"))
    }
  }

  private func helloReply(_ command: String) throws(MongoError) -> BSONDocument {
    let reply = try run(
      [command: 1], on: "admin", preference: nil, operation: "hello")
    return try reply.document(operation: "hello")
  }
}
