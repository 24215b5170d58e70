/// What a dump's oplog holds: the changes made while mongodump was reading, which are in no collection of the dump.
public struct DumpOplog: Sendable, Hashable {
  public let path: String
  /// How many of its entries change something; a server at rest writes only entries that change nothing.
  public private(set) var changes = 0
  /// Names of databases and collections that the first of them are about.
  public private(set) var namespaces: [String] = []

  private static let mostNames = 5

  init(path: String) { self.path = path }

  mutating func add(_ document: BSONDocument) {
    guard document["op"]?.stringValue != "n" else { return }
    let name = document["ns"]?.stringValue ?? "an unknown collection"
    // The server's own row counts, of sessions and shards.
    guard !name.hasPrefix("config."), !name.hasPrefix("local.") else { return }
    changes += 1
    if namespaces.count < Self.mostNames, !namespaces.contains(name) { namespaces.append(name) }
  }
}

extension DumpFolder {
  public func oplog() throws -> DumpOplog? {
    guard let file = oplogFile else { return nil }
    var oplog = DumpOplog(path: file)
    let stream = try DumpStream(file)
    while try !stream.isFinished() {
      oplog.add(try stream.nextChecked(DumpReadOptions()).view.copy())
    }
    return oplog
  }
}

extension DumpArchive {
  /// Reads the archive to its end: the oplog is what mongodump writes last.
  public func oplog() throws -> DumpOplog? {
    guard hasOplog else { return nil }
    var oplog = DumpOplog(path: path)
    let stream = try DumpStream(path)
    var state = try ArchiveState(ArchivePrelude(stream), wanted: nil)
    while try !stream.isFinished() {
      let block = try state.open(stream)
      while try !stream.takeTerminator() {
        if block.isOplog {
          oplog.add(try stream.nextChecked(DumpReadOptions()).view.copy())
        } else {
          state.add(try stream.nextDocument(), to: block)
        }
      }
    }
    try state.finish(stream)
    return oplog
  }
}
