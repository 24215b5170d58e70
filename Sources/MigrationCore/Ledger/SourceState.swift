import Mongo

/// What a collection was like when its chunks were cut.
///
/// Documents are read without a snapshot, chunk by chunk. So the state is kept in the ledger, and
/// a collection that is written to meanwhile is told from one that is not.
struct SourceState: Sendable, Hashable {
  let documents: Int
  /// The server's logical time; nil where it has none, outside replica sets.
  let time: BSONTimestamp?

  init(documents: Int, time: BSONTimestamp?) { (self.documents, self.time) = (documents, time) }

  init?(json: JSONValue) {
    guard case .int(let documents)? = json["documents"] else { return nil }
    self.documents = documents
    if case .int(let seconds)? = json["seconds"], case .int(let increment)? = json["increment"] {
      time = BSONTimestamp(
        seconds: UInt32(clamping: seconds), increment: UInt32(clamping: increment))
    } else {
      time = nil
    }
  }

  var json: JSONValue {
    [
      "documents": .int(documents), "seconds": time.map { .int(Int($0.seconds)) } ?? .null,
      "increment": time.map { .int(Int($0.increment)) } ?? .null,
    ]
  }
}
