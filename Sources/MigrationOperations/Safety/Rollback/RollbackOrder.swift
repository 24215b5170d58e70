/// The order in which tables are emptied: one that refers to others goes before them.
///
/// Tables that refer to each other in a circle are together, and are emptied by one statement.
struct RollbackOrder {
  /// Groups of tables, by their places in the list that was given.
  let groups: [[Int]]

  /// - Parameter edges: for each table, the places of the tables that it refers to.
  init(edges: [Set<Int>]) {
    let reach = Self.reach(edges)
    let places = Array(edges.indices)
    var waiting: [[Int]] = []
    for place in places {
      let group = places.filter { $0 == place || (reach[place][$0] && reach[$0][place]) }
      if group.first == place { waiting.append(group) }
    }
    var ordered: [[Int]] = []
    while !waiting.isEmpty {
      // A group that nothing left refers to; among circles there is always one.
      let next = waiting.firstIndex { group in
        waiting.allSatisfy { other in other == group || !reach[other[0]][group[0]] }
      }
      ordered.append(waiting.remove(at: next ?? 0))
    }
    groups = ordered
  }

  /// Whether one table refers to another, be it through others.
  private static func reach(_ edges: [Set<Int>]) -> [[Bool]] {
    var reach = edges.map { edge in edges.indices.map { edge.contains($0) } }
    for middle in edges.indices {
      for from in edges.indices where reach[from][middle] {
        for to in edges.indices where reach[middle][to] { reach[from][to] = true }
      }
    }
    return reach
  }
}
