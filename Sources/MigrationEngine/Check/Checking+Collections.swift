import MigrationBasics
import MigrationPlan
import Mongo

/// Documents: their collections are there, and what feeds say of them makes sense.
extension Checking {
  mutating func collections(_ tables: [TablePlan], _ condition: String?) {
    for feed in tables.flatMap(\.feeds) {
      collection(feed, catalog.collections)
      if catalog.isDump { dumped(feed, condition) }
    }
  }

  /// No server is behind a dump that could choose documents, or distinguish databases.
  private mutating func dumped(_ feed: Feed, _ condition: String?) {
    if let filter = condition ?? feed.filter {
      error(
        feed.place, "a dump cannot be filtered by a condition: \(filter)",
        "restore the dump into a MongoDB server, or move all documents of \(feed.from)")
    }
    if catalog.collections.count(where: { $0 == feed.from }) > 1 {
      error(
        feed.place, "the dump has several collections named \(feed.from)",
        "name the folder of one database: dump:PATH/NAME")
    }
  }

  /// What a dump holds besides its collections.
  ///
  /// Changes in its oplog belong to the moment at which the dump ended: without them the collections are as
  /// of several moments, and rows are missing or too many.
  mutating func besideCollections() {
    let file = PlanPlace(file: plan.file, line: 0, column: 0)
    for note in catalog.notes { warning(file, note, "check that you do not need its contents") }
    guard let oplog = catalog.oplog, oplog.changes > 0 else { return }
    let what =
      "the dump's oplog holds \(CountText.of(oplog.changes, "change")) made during the dump "
      + "(\(oplog.namespaces.joined(separator: ", "))), which migrations do not read: \(oplog.path)"
    if plan.leavesOutOplog {
      warning(file, what, "\(Self.oplogSetting) allows this")
    } else {
      error(
        file, what,
        "restore the dump into a server with mongorestore --oplogReplay and migrate from there, or ignore them: "
          + "\(Self.oplogSetting)=true")
    }
  }

  private static let oplogSetting = SettingKey<Bool>.leavesOutOplog.name

  private mutating func collection(_ feed: Feed, _ names: [String]) {
    if !names.contains(feed.from), !feed.mayBeMissing {
      error(
        feed.place, "the source has no collection \(feed.from)",
        Self.hint(
          feed.from, names.sorted(), "correct the name, or allow it: missing: \"empty\""))
    }
    if feed.key != ["_id"] {
      error(
        feed.place, "the key of \(feed.from) is \(feed.key.joined(separator: ", "))",
        "documents are identified by _id alone: remove key")
    }
    if let filter = feed.filter, (try? ExtendedJSON.parse(filter)) == nil {
      error(
        feed.place, "the condition on \(feed.from) is not a MongoDB filter: \(filter)",
        "write it as an object, for instance where: { status: \"open\" }")
    }
    for column in feed.columns where column.rule.readsElement && feed.each == nil {
      error(
        column.place, "the rule of \(column.column) reads an element, and each document is one row",
        "name the array whose elements are the rows: each: \"field\"")
    }
  }
}

extension Rule {
  /// Whether the rule reads the element of an array whose elements are the rows.
  var readsElement: Bool {
    var found = false
    walk { if case .element = $0 { found = true } }
    return found
  }
}
