import MigrationBasics
import MigrationLedger

/// What the blocks of a table, of its partitions and of the tables that inherit from it were like.
///
/// Ranges of blocks are ranges of a table's files.
struct BlocksState: Sendable, Hashable {
  /// The paths of the files, which are others after the table was rewritten or emptied.
  let files: String
  /// How many rows were updated so that they may be in another block.
  let moved: Int
  /// What each run saw that read from it, the first one first; none in a ledger of an older version.
  let moments: [Moment]

  /// A snapshot, and the run from which on rows were read in it or a later one.
  struct Moment: Sendable, Hashable {
    let run: RunID
    /// As the server writes one: the lowest id in progress, the next one, and those in progress.
    let snapshot: String

    init(run: RunID, snapshot: String) { (self.run, self.snapshot) = (run, snapshot) }

    init?(json: JSONValue) {
      guard case .int(let run)? = json["run"], case .text(let snapshot)? = json["snapshot"] else {
        return nil
      }
      (self.run, self.snapshot) = (RunID(rawValue: run), snapshot)
    }

    var json: JSONValue { ["run": .id(run), "snapshot": .text(snapshot)] }
  }

  init(files: String, moved: Int, moments: [Moment]) {
    (self.files, self.moved, self.moments) = (files, moved, moments)
  }

  /// Nil if this is the state of another kind of source.
  init?(_ state: SourceState) {
    guard case .text(let files)? = state.json["files"],
      case .int(let moved)? = state.json["moved"]
    else { return nil }
    (self.files, self.moved) = (files, moved)
    guard case .array(let moments)? = state.json[SourceState.moments] else {
      self.moments = []
      return
    }
    self.moments = moments.compactMap { Moment(json: $0) }
  }

  var state: SourceState {
    SourceState(json: [
      "files": .text(files), "moved": .int(moved),
      SourceState.moments: .array(moments.map(\.json)),
    ])
  }
}
