import MigrationBasics
import MigrationLedger
import Mongo

/// What a collection of a dump was like: ranges of bytes are ranges of its file.
struct DumpState: Sendable, Hashable {
  /// How the file is known without being read.
  let mark: DumpFileMark
  /// Hash of its documents, as far as they are read; nil until they are.
  var contents: DumpContents?

  init(mark: DumpFileMark, contents: DumpContents?) {
    (self.mark, self.contents) = (mark, contents)
  }

  /// Nil if this is the state of another kind of source.
  init?(_ state: SourceState) {
    let json = state.json
    guard case .text(let mark)? = json["file"], case .text(let digest)? = json["digest"],
      case .int(let end)? = json["end"], case .bool(let isWhole)? = json["whole"]
    else { return nil }
    self.mark = DumpFileMark(text: mark)
    contents = DumpContents(digest: digest, end: end, isWhole: isWhole)
  }

  var state: SourceState {
    SourceState(json: [
      "file": .text(mark.text), "digest": .optional(contents?.digest),
      "end": contents.map { .int($0.end) } ?? .null,
      "whole": contents.map { .bool($0.isWhole) } ?? .null,
    ])
  }
}

/// Which documents were found in a dump, and where.
struct DumpContents: Sendable, Hashable {
  let digest: String
  /// Where the last of them ends.
  let end: Int
  /// Whether the collection ends there too.
  let isWhole: Bool
}
