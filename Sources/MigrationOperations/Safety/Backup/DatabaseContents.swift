import MigrationBasics
import MigrationEngine

/// What is in the tables of a database at one moment: counts and hashes, to compare with another.
package struct DatabaseContents: Sendable, Hashable {
  package struct Table: Sendable, Hashable {
    package let schema: String
    package let name: String
    /// Nil if only the definition counts.
    package let rows: Int?
    /// Over all rows in whatever order.
    package let hash: String?
    package let bytes: Int

    /// The name with its schema, unless that is `public`.
    package var title: String { schema == "public" ? name : "\(schema).\(name)" }
  }

  package struct Sequence: Sendable, Hashable {
    package let schema: String
    package let name: String
    package let value: Int
    package let isCalled: Bool
    /// Whether it counts down.
    package let isDescending: Bool
    /// The table whose column it numbers.
    package let ownerSchema: String?
    package let ownerTable: String?
  }

  /// The server's large objects, which are in no table.
  package struct LargeObjects: Sendable, Hashable {
    package let count: Int
    package let hash: String
  }

  /// What the hash of a table is made of.
  package enum RowHash: String, Sendable, CaseIterable {
    /// The sum of two hashes of each row's text.
    case text
    /// The sum of one hash over the values of each row: less work, and not known before PostgreSQL 14.
    case values
  }

  package let tables: [Table]
  package let sequences: [Sequence]
  package let largeObjects: LargeObjects?
  package var rowHash = RowHash.values

  package var rows: Int { tables.reduce(0) { $0 + ($1.rows ?? 0) } }
  /// The tables whose rows are in it.
  package var filledTables: [Table] { tables.filter { $0.rows != nil } }
}

extension DatabaseContents {
  /// Says how another database's contents are not what these are, a sentence each; none if they are.
  ///
  /// What the other one has besides is not checked.
  package func differences(in other: DatabaseContents, comparesHashes: Bool = true) -> [String] {
    var found: [String] = []
    let tables = Dictionary(
      other.tables.map { ($0.title, $0) }, uniquingKeysWith: { first, _ in first })
    for table in self.tables {
      guard let rows = table.rows else {
        if tables[table.title] == nil { found.append("table \(table.title) is missing") }
        continue
      }
      guard let match = tables[table.title] else {
        found.append("table \(table.title) is missing")
        continue
      }
      if match.rows != rows {
        found.append(
          "\(table.title) has \(CountText.of(match.rows ?? 0, "row")) instead of \(GroupedNumber.text(rows))"
        )
      } else if comparesHashes, match.hash != table.hash {
        found.append("the rows of \(table.title) differ: same count, other contents")
      }
    }
    found += sequences.compactMap { $0.difference(in: other.sequences) }
    if let mine = largeObjects, mine != other.largeObjects {
      found.append("the large objects differ: \(other.largeObjects?.count ?? 0) of \(mine.count)")
    }
    return found
  }
}

extension DatabaseContents.Sequence {
  /// A sequence obeys no snapshot: it may have gone on between its reading and its dump.
  fileprivate func difference(in others: [DatabaseContents.Sequence]) -> String? {
    guard let other = others.first(where: { $0.schema == schema && $0.name == name }) else {
      return "sequence \(name) is missing"
    }
    let isBehind = isDescending ? other.value > value : other.value < value
    return isBehind ? "sequence \(name) is at \(other.value), behind \(value)" : nil
  }
}
