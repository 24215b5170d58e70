import MigrationBasics
import MigrationPlan
import Mongo

/// Documents: their collections are there, and what feeds say of them makes sense.
extension Checking {
  mutating func collections(_ tables: [TablePlan]) {
    for feed in tables.flatMap(\.feeds) { collection(feed, catalog.collections) }
  }

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
