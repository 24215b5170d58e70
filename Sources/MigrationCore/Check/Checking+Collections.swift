import Mongo

/// Documents: their collections are there, and what feeds say of them makes sense.
extension Checking {
  mutating func collections(_ tables: [TablePlan], _ condition: String?) {
    for feed in tables.flatMap(\.feeds) {
      collection(feed, catalog.collections)
      if catalog.isDump { dumped(feed, condition) }
    }
  }

  /// No server stands behind a dump that could choose documents, or tell databases apart.
  private mutating func dumped(_ feed: Feed, _ condition: String?) {
    if let filter = condition ?? feed.filter {
      error(
        feed.place, "a condition can't be asked of a dump: \(filter)",
        "restore the dump into a MongoDB server, or move all documents of \(feed.from)")
    }
    if catalog.collections.count(where: { $0 == feed.from }) > 1 {
      error(
        feed.place, "the dump has several collections \(feed.from)",
        "name the folder of one database: dump:PATH/NAME")
    }
  }

  private mutating func collection(_ feed: Feed, _ names: [String]) {
    if !names.contains(feed.from), !feed.mayBeMissing {
      error(
        feed.place, "the source has no collection \(feed.from)",
        Self.hint(
          feed.from, names.sorted(), "correct the name, or say that it may be: missing: \"empty\""))
    }
    if feed.key != ["_id"] {
      error(
        feed.place, "the key of \(feed.from) is \(feed.key.joined(separator: ", "))",
        "documents are told apart by _id alone: leave key out")
    }
    if let filter = feed.filter, (try? ExtendedJSON.parse(filter)) == nil {
      error(
        feed.place, "the condition on \(feed.from) is no MongoDB filter: \(filter)",
        "write it as an object, for instance where: { status: \"open\" }")
    }
    for column in feed.columns where column.rule.readsElement && feed.each == nil {
      error(
        column.place, "\(column.column) reads an element, and each document is one row",
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
