import MigrationBasics
import MigrationLedger
import Mongo

/// What a collection of a server was like.
///
/// It is read without a snapshot, chunk by chunk: this shows whether it was written to meanwhile.
struct CollectionState: Sendable, Hashable {
  let documents: Int
  /// The server's logical time; nil if it has none, outside replica sets.
  let time: BSONTimestamp?

  init(documents: Int, time: BSONTimestamp?) { (self.documents, self.time) = (documents, time) }

  /// Nil if this is the state of another kind of source.
  init?(_ state: SourceState) {
    let json = state.json
    guard case .int(let documents)? = json["documents"] else { return nil }
    self.documents = documents
    if case .int(let seconds)? = json["seconds"], case .int(let increment)? = json["increment"] {
      time = BSONTimestamp(
        seconds: UInt32(clamping: seconds), increment: UInt32(clamping: increment))
    } else {
      time = nil
    }
  }

  var state: SourceState {
    SourceState(json: [
      "documents": .int(documents), "seconds": time.map { .int(Int($0.seconds)) } ?? .null,
      "increment": time.map { .int(Int($0.increment)) } ?? .null,
    ])
  }
}
