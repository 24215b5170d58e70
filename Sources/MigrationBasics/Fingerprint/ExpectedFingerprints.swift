/// What the rows of a table should add up to, transaction by transaction.
///
/// The rows of a transaction are hashed of the columns that their feed fills, in the feed's order.
package struct ExpectedFingerprints {
  /// A transaction of the table's migration, as the ledger has it.
  package struct Entry {
    /// With its epoch; the rows bear the lower half.
    package let xid: Int
    /// The chunk that it committed; nil for another write.
    package let chunk: Int?
    /// What another write was for.
    package let kind: String?
    /// The feed that its rows come from; nil if they come from several.
    package let feed: Int?
    /// Nil if nothing was summed up.
    package let sum: FingerprintSum?
    /// The numbers of the commands that loaded its rows, if triggers may have written others; else nil.
    package let commands: Set<UInt32>?

    package init(
      xid: Int, chunk: Int?, kind: String?, feed: Int?, sum: FingerprintSum?, commands: Set<UInt32>?
    ) {
      self.xid = xid
      self.chunk = chunk
      self.kind = kind
      self.feed = feed
      self.sum = sum
      self.commands = commands
    }

  }

  /// All that bears one transaction's id: one entry, or the chunks of a merged table.
  package struct Group {
    package var entries: [Entry]
    /// Which of the lists of columns its rows are hashed of.
    package let list: Int

    package init(entries: [Entry], list: Int) {
      self.entries = entries
      self.list = list
    }

    /// The numbers of the commands that loaded its rows; nil if any command may have.
    package var loading: Set<UInt32>? {
      var all: Set<UInt32> = []
      for entry in entries {
        guard let commands = entry.commands else { return nil }
        all.formUnion(commands)
      }
      return all
    }

    /// Nil if one of the entries has none.
    package var expected: FingerprintSum? {
      var sum = FingerprintSum()
      for entry in entries {
        guard let part = entry.sum else { return nil }
        sum += part
      }
      return sum
    }
  }

  /// All columns that any feed fills, in the order in which they are read.
  package private(set) var columns: [HashedColumn] = []
  /// Lists of places among the columns; the first is all of them.
  package private(set) var lists: [[Int]] = [[]]
  package private(set) var groups: [Group] = []
  package private(set) var feeds: [Int: [HashedColumn]] = [:]
  private var places: [UInt32: Int] = [:]

  package init(
    columns: [HashedColumn] = [], lists: [[Int]] = [[]], groups: [Group] = [],
    feeds: [Int: [HashedColumn]] = [:]
  ) {
    self.columns = columns
    self.lists = lists
    self.groups = groups
    self.feeds = feeds
  }

  /// Whether the ledger has nothing to compare with.
  package var isEmpty: Bool { columns.isEmpty }
  /// Whether the ledger does not know any more which transactions wrote some of the rows.
  package var hasForgotten: Bool { places[0] != nil }
  /// Whether all rows are hashed in the same way, for all writers.
  package var hasOneList: Bool { lists.count == 1 }

  /// Adds a feed; all of them come before the entries.
  package mutating func addFeed(_ number: Int, _ hashed: [HashedColumn]) {
    feeds[number] = hashed
    columns += hashed.filter { !columns.contains($0) }
    lists[0] = Array(columns.indices)
  }

  package mutating func add(_ entry: Entry) {
    let low = UInt32(truncatingIfNeeded: entry.xid)
    if let place = places[low] {
      groups[place].entries.append(entry)
    } else {
      places[low] = groups.count
      groups.append(Group(entries: [entry], list: list(of: entry.feed)))
    }
  }

  /// The group of the rows that bear a transaction's id; nil for rows that others wrote.
  package func group(of xmin: UInt32) -> Int? { places[xmin] }

  private mutating func list(of feed: Int?) -> Int {
    guard let hashed = feed.flatMap({ feeds[$0] }) else { return 0 }
    let list = hashed.compactMap { columns.firstIndex(of: $0) }
    if let known = lists.firstIndex(of: list) { return known }
    lists.append(list)
    return lists.count - 1
  }
}
