import MigrationBasics
import MigrationPlan
import Mongo

/// Reads from a dump, on from where it is if it can.
final class DumpReader: RowReader {
  let dump: any DumpSource
  /// The cursor of the last chunk, which is often where the next one begins.
  var resting: (collection: DumpedCollection, cursor: DumpCursor)?

  init(_ dump: any DumpSource) { self.dump = dump }

  var isUsable: Bool { true }

  func collections() -> [String] {
    dump.collections.filter { !$0.isSystem && $0.kind == .collection }.map(\.name)
  }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed {
    if let filter = condition ?? feed.filter {
      throw MigrationError(
        .configuration, "a dump cannot be filtered by a condition: \(filter)",
        place: "\(feed.place)",
        remedy: "restore the dump into a MongoDB server, or move all documents of \(feed.from)")
    }
    let found = dump.collections.filter { $0.name == feed.from && $0.kind == .collection }
    guard let first = found.first else {
      if feed.mayBeMissing {
        return MissingCollection<DumpReader> { before in
          DumpState(before).map { _ in "the dump has no such collection any more" }
        }
      }
      throw MigrationError(
        .coded(.schema), "the dump has no collection \(feed.from)", place: dump.path,
        remedy: nearest(to: feed.from, in: collections()).map { "did you mean \($0)?" }
          ?? "correct the name, or let the plan say missing: \"empty\"")
    }
    guard found.count == 1 else {
      let names = found.map(\.namespace).joined(separator: ", ")
      throw MigrationError(
        .configuration, "the dump has several collections \(feed.from): \(names)",
        place: dump.path, remedy: "name the folder of one database: dump:\(dump.path)/NAME")
    }
    return DumpedFeed(dump, first)
  }
}
