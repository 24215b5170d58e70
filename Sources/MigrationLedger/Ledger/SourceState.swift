import MigrationBasics
import Mongo

/// What a feed's source was like when its chunks were cut.
package enum SourceState: Sendable, Hashable {
  /// A collection is read without a snapshot, chunk by chunk: one that is written to meanwhile is distinguished from one
  /// that is not.
  case collection(CollectionState)
  /// Ranges of blocks are ranges of a table's files.
  case blocks(BlocksState)
  /// Ranges of bytes are ranges of a dump's file.
  case dump(DumpState)

  init?(json: JSONValue) {
    if let state = CollectionState(json: json) {
      self = .collection(state)
    } else if let state = BlocksState(json: json) {
      self = .blocks(state)
    } else if let state = DumpState(json: json) {
      self = .dump(state)
    } else {
      return nil
    }
  }

  package var json: JSONValue {
    switch self {
    case .collection(let state): state.json
    case .blocks(let state): state.json
    case .dump(let state): state.json
    }
  }
}

/// A collection of a server.
package struct CollectionState: Sendable, Hashable {
  package let documents: Int
  /// The server's logical time; nil if it has none, outside replica sets.
  package let time: BSONTimestamp?

  package init(documents: Int, time: BSONTimestamp?) {
    (self.documents, self.time) = (documents, time)
  }

  package init?(json: JSONValue) {
    guard case .int(let documents)? = json["documents"] else { return nil }
    self.documents = documents
    if case .int(let seconds)? = json["seconds"], case .int(let increment)? = json["increment"] {
      time = BSONTimestamp(
        seconds: UInt32(clamping: seconds), increment: UInt32(clamping: increment))
    } else {
      time = nil
    }
  }

  package var json: JSONValue {
    [
      "documents": .int(documents), "seconds": time.map { .int(Int($0.seconds)) } ?? .null,
      "increment": time.map { .int(Int($0.increment)) } ?? .null,
    ]
  }
}

/// The blocks of a table, of its partitions and of the tables that inherit from it.
package struct BlocksState: Sendable, Hashable {
  /// The paths of the files, which are others after the table was rewritten or emptied.
  package let files: String
  /// How many rows were updated so that they may be in another block.
  package let moved: Int
  /// What each run saw that read from it, the first one first; none in a ledger of an older version.
  package let moments: [Moment]

  /// A snapshot, and the run from which on rows were read in it or a later one.
  package struct Moment: Sendable, Hashable {
    package let run: RunID
    /// As the server writes one: the lowest id in progress, the next one, and those in progress.
    package let snapshot: String

    package init(run: RunID, snapshot: String) { (self.run, self.snapshot) = (run, snapshot) }

    init?(json: JSONValue) {
      guard case .int(let run)? = json["run"], case .text(let snapshot)? = json["snapshot"] else {
        return nil
      }
      (self.run, self.snapshot) = (RunID(rawValue: run), snapshot)
    }

    package var json: JSONValue { ["run": .id(run), "snapshot": .text(snapshot)] }
  }

  package init(files: String, moved: Int, moments: [Moment]) {
    (self.files, self.moved, self.moments) = (files, moved, moments)
  }

  package init?(json: JSONValue) {
    guard case .text(let files)? = json["files"], case .int(let moved)? = json["moved"] else {
      return nil
    }
    (self.files, self.moved) = (files, moved)
    guard case .array(let moments)? = json["moments"] else {
      self.moments = []
      return
    }
    self.moments = moments.compactMap { Moment(json: $0) }
  }

  package var json: JSONValue {
    [
      "files": .text(files), "moved": .int(moved), "moments": .array(moments.map(\.json)),
    ]
  }
}

/// A collection of a dump.
package struct DumpState: Sendable, Hashable {
  /// How the file is known without being read.
  package let mark: DumpFileMark
  /// Hash of its documents, as far as they are read; nil until they are.
  package var contents: DumpContents?

  package init(mark: DumpFileMark, contents: DumpContents?) {
    (self.mark, self.contents) = (mark, contents)
  }

  package init?(json: JSONValue) {
    guard case .text(let mark)? = json["file"], case .text(let digest)? = json["digest"],
      case .int(let end)? = json["end"], case .bool(let isWhole)? = json["whole"]
    else { return nil }
    self.mark = DumpFileMark(text: mark)
    contents = DumpContents(digest: digest, end: end, isWhole: isWhole)
  }

  package var json: JSONValue {
    [
      "file": .text(mark.text), "digest": .optional(contents?.digest),
      "end": contents.map { .int($0.end) } ?? .null,
      "whole": contents.map { .bool($0.isWhole) } ?? .null,
    ]
  }
}

/// Which documents were found in a dump, and where.
package struct DumpContents: Sendable, Hashable {
  package let digest: String
  /// Where the last of them ends.
  package let end: Int
  /// Whether the collection ends there too.
  package let isWhole: Bool

  package init(digest: String, end: Int, isWhole: Bool) {
    self.digest = digest
    self.end = end
    self.isWhole = isWhole
  }

}
