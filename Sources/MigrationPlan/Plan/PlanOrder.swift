/// The order in which tables are loaded: a table comes after those whose rows it looks up.
///
/// Among tables that are free to go, the lower phase goes first, then the one that the file names
/// first. Tables that refer to each other in a circle are in one group.
package struct PlanOrder: Sendable {
  /// The tables in order.
  package let tables: [TablePlan]
  /// The circles of two or more tables, in order; a table that refers to itself alone is none.
  package let cycles: [[String]]

  /// Orders tables given in the order of the file; references to unknown tables count for nothing.
  package init(_ tables: [TablePlan]) {
    let places = Dictionary(
      tables.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { a, _ in a })
    let edges = tables.map { table in
      table.referencedTables.compactMap { places[$0] }.sorted()
    }
    var search = CircleSearch(edges: edges)
    let groups = search.groups()
    let order = Self.order(groups, edges: edges, tables: tables)
    self.tables = order.flatMap { $0.map { tables[$0] } }
    cycles = order.filter { $0.count > 1 }.map { $0.map { tables[$0].name } }
  }

  /// The tables that a table refers to and that refer to it, itself among them, in order.
  package func circle(of table: String) -> [String] {
    cycles.first { $0.contains(table) } ?? [table]
  }

  /// The tables of a table's circle that are loaded after it.
  package func tablesAfter(_ table: String) -> Set<String> {
    let circle = circle(of: table)
    return Set(circle.drop { $0 != table }.dropFirst())
  }

  /// Puts groups in order, taking the first by phase and file whose references are all before it.
  private static func order(
    _ groups: [[Int]], edges: [[Int]], tables: [TablePlan]
  ) -> [[Int]] {
    let rank = { (index: Int) in (tables[index].phase, index) }
    let sorted = groups.map { $0.sorted { rank($0) < rank($1) } }
      .sorted { rank($0[0]) < rank($1[0]) }
    var waiting = sorted
    var done: Set<Int> = []
    var result: [[Int]] = []
    while !waiting.isEmpty {
      let next = waiting.firstIndex { group in
        group.allSatisfy { edges[$0].allSatisfy { done.contains($0) || group.contains($0) } }
      }
      let group = waiting.remove(at: next ?? 0)
      done.formUnion(group)
      result.append(group)
    }
    return result
  }
}

/// Tarjan's search for the groups of tables that reach each other.
private struct CircleSearch {
  let edges: [[Int]]
  private var found: [[Int]] = []
  private var numbers: [Int?]
  private var lowest: [Int]
  private var stack: [Int] = []
  private var isOnStack: [Bool]
  private var counter = 0

  init(edges: [[Int]]) {
    self.edges = edges
    numbers = Array(repeating: nil, count: edges.count)
    lowest = Array(repeating: 0, count: edges.count)
    isOnStack = Array(repeating: false, count: edges.count)
  }

  mutating func groups() -> [[Int]] {
    for start in edges.indices where numbers[start] == nil { search(from: start) }
    return found
  }

  // A stack of its own: a plan may chain thousands of tables, and must not overflow the thread's.
  private mutating func search(from start: Int) {
    var path: [(node: Int, next: Int)] = []
    enter(start, &path)
    while let (node, next) = path.last {
      if next < edges[node].count {
        path[path.count - 1].next += 1
        let target = edges[node][next]
        if let number = numbers[target] {
          if isOnStack[target] { lowest[node] = min(lowest[node], number) }
        } else {
          enter(target, &path)
        }
      } else {
        path.removeLast()
        if let parent = path.last { lowest[parent.node] = min(lowest[parent.node], lowest[node]) }
        if lowest[node] == numbers[node] { close(node) }
      }
    }
  }

  private mutating func enter(_ node: Int, _ path: inout [(node: Int, next: Int)]) {
    numbers[node] = counter
    lowest[node] = counter
    counter += 1
    stack.append(node)
    isOnStack[node] = true
    path.append((node, 0))
  }

  private mutating func close(_ node: Int) {
    guard let start = stack.lastIndex(of: node) else { return }
    found.append(Array(stack[start...]))
    for member in stack[start...] { isOnStack[member] = false }
    stack.removeSubrange(start...)
  }
}
