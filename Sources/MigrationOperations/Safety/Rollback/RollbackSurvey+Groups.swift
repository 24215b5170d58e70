/// In which order, and how many at once, tables are emptied.
extension RollbackSurvey {
  /// Tables that hold nothing but the migration's rows, and that nothing else refers to, go at once;
  /// the others one after the other, each after those that refer to it.
  func makeGroups() throws -> [Group] {
    var whole = Set(
      tables.indices.filter { index in
        let table = tables[index]
        guard let counts = counts[table.state.id] else { return false }
        return counts.all == counts.own + takenCount(table)
      })
    for index in Array(whole) where try ledger.rowsBefore(table: tables[index].state.id) != 0 {
      whole.remove(index)
    }
    let places = Dictionary(
      tables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var isSettled = false
    while !isSettled {
      isSettled = true
      for foreignKey in foreignKeys {
        guard let parent = places[foreignKey.parent], whole.contains(parent) else { continue }
        if let child = places[foreignKey.child], whole.contains(child) { continue }
        whole.remove(parent)
        isSettled = false
      }
    }
    let rest = tables.indices.filter { !whole.contains($0) }
    let order = RollbackOrder(edges: rest.map { edges(of: tables[$0], among: rest) })
    let first =
      whole.isEmpty ? [] : [Group(tables: whole.sorted().map { tables[$0] }, isEmptied: true)]
    return first
      + order.groups.map { group in
        Group(tables: group.map { tables[rest[$0]] }, isEmptied: false)
      }
  }

  /// The places, among some, of the tables that one refers to.
  private func edges(of table: RollbackTable, among places: [Int]) -> Set<Int> {
    Set(
      places.enumerated().compactMap { number, place in
        let other = tables[place]
        let isReferred =
          table.plan.referencedTables.contains(other.state.name)
          || foreignKeys.contains { $0.child == table.name && $0.parent == other.name }
        return isReferred && other.name != table.name ? number : nil
      })
  }
}
