import MigrationPlan
import Postgres

/// Finds rows of a retry that have the values of another row if the plan alone calls them unique.
///
/// The server refuses the others itself. The values of the target's rows are read once for each batch.
struct RetryDuplicates {
  /// The places of the sets among those of the feed's program.
  let places: [Int]
  private let sets: [[String]]
  private let table: PostgresTable

  init(_ feed: FeedWork, _ work: TableWork) {
    let enforced = ([work.target.primaryKey] + work.target.unique).map(Set.init)
    (sets, table) = (feed.program.uniqueSets, work.target)
    places = sets.indices.filter { [sets] in !enforced.contains(Set(sets[$0])) }
  }

  /// Returns for each row that comes too late the columns whose values are taken.
  ///
  /// - Parameters:
  ///   - keys: for each row its values in each of the sets; nil if one is null.
  ///   - bad: the rows that are not loaded.
  func find(
    _ keys: [[[UInt8]?]], without bad: Set<Int>, _ target: Connection
  ) throws -> [Int: String] {
    let rows = keys.indices.filter { !bad.contains($0) }
    var taken = try places.indices.map { set in
      try valuesOfTarget(set, among: Set(rows.compactMap { keys[$0][set] }), target)
    }
    var found: [Int: String] = [:]
    for row in rows {
      if let set = places.indices.first(where: { set in
        keys[row][set].map(taken[set].contains) ?? false
      }) {
        found[row] = sets[places[set]].joined(separator: ", ")
      } else {
        for set in places.indices { if let key = keys[row][set] { taken[set].insert(key) } }
      }
    }
    return found
  }

  private func valuesOfTarget(
    _ set: Int, among wanted: Set<[UInt8]>, _ target: Connection
  ) throws -> Set<[UInt8]> {
    var found: Set<[UInt8]> = []
    guard !wanted.isEmpty else { return found }
    try DuplicateSearch.readValues(of: sets[places[set]], in: table, target) { key in
      if wanted.contains(key) { found.insert(key) }
    }
    return found
  }
}
