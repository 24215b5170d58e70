/// What to change, so that a migration takes less time the next time.
package struct PerformanceAdvice: Sendable, Hashable {
  /// Which side the lanes wait for, or work for.
  package enum Bottleneck: String, Sendable, CaseIterable {
    case source
    case program
    case target
    /// None of them has half of the lanes' time.
    case none
  }

  /// The table that is meant; nil for the whole run.
  package let table: String?
  package let finding: String
  package let remedy: String
}

extension PerformanceAnalysis.Table {
  /// The side that takes more than half of the lanes' busy time.
  package var bottleneck: PerformanceAdvice.Bottleneck {
    let sides: [(PerformanceAdvice.Bottleneck, Int)] = [
      (.source, phases.sourceWait), (.program, phases.transform),
      (.target, phases.targetWait + phases.commit),
    ]
    let all = sides.reduce(0) { $0 + $1.1 }
    guard all > 0, let most = sides.max(by: { $0.1 < $1.1 }), most.1 * 2 > all else { return .none }
    return most.0
  }
}

extension PerformanceAnalysis {
  /// Below this, a table's time is not worth a thought.
  private static let worthwhile = 0.05

  /// What would help, the largest part of the run first.
  package var advice: [PerformanceAdvice] {
    guard total > 0 else { return [] }
    var found: [(Int, PerformanceAdvice)] = []
    for table in tables {
      found += advice(table).filter { Double($0.0) > Double(total) * Self.worthwhile }
    }
    if Double(ending) > Double(total) * 0.2 {
      found.append(
        (
          ending,
          PerformanceAdvice(
            table: nil,
            finding: "\(share(ending, total)) of the time went into foreign keys and books",
            remedy:
              "give the server more memory for them: maintenance_work_mem; a foreign key's check "
              + "reads both tables, which should fit into its cache")
        ))
    }
    return found.sorted { $0.0 > $1.0 }.map(\.1)
  }

  private func advice(_ table: Table) -> [(Int, PerformanceAdvice)] {
    var found: [(Int, PerformanceAdvice)] = []
    func add(_ time: Int, _ finding: String, _ remedy: String) {
      found.append((time, PerformanceAdvice(table: table.name, finding: finding, remedy: remedy)))
    }
    let whole = table.preparing + table.loading + table.finishing
    switch table.bottleneck {
    case .source:
      add(
        table.loading, "the source is waited for: \(lanes(table.phases.sourceWait, table))",
        "one lane more, if the source has a processor to spare: --parallel \(table.lanes + 1); "
          + "else read from a replica, or nearer to it: migrate network-test")
    case .target:
      let waited = table.phases.targetWait + table.phases.commit
      add(
        table.loading, "the target is waited for: \(lanes(waited, table))",
        "see what it does for each row: indexes and triggers that stay on the table, and where its "
          + "WAL lies; one lane more only helps while it has a processor to spare")
    case .program:
      add(
        table.loading, "this program works: \(lanes(table.phases.transform, table))",
        "one lane more, if this machine has a processor to spare: --parallel \(table.lanes + 1); "
          + "else run it where there are more")
    case .none: break
    }
    if table.phases.commit * 10 > table.laneTime {
      add(
        table.phases.commit / max(1, table.lanes),
        "commits take \(lanes(table.phases.commit, table))",
        "larger chunks mean fewer of them: --batch-size \(2 * table.rows / max(1, table.chunks))")
    }
    if table.between * 4 > table.laneTime, table.lanes > 1 {
      add(
        table.between / table.lanes, "lanes had nothing to do: \(lanes(table.between, table))",
        "smaller chunks share the end of a table better: "
          + "--batch-size \(max(1, table.rows / max(1, 2 * table.chunks)))")
    }
    if table.finishing * 3 > whole {
      add(
        table.finishing,
        "\(share(table.finishing, whole)) of its time came after the load, mostly for indexes",
        "give the server more memory and workers for them: maintenance_work_mem, "
          + "max_parallel_maintenance_workers")
    }
    if table.preparing * 3 > whole {
      add(
        table.preparing, "\(share(table.preparing, whole)) of its time came before the load",
        "it went into look-up tables, the search for duplicates and the boundaries of chunks, which "
          + "an index on the source's key and unique columns makes faster")
    }
    return found
  }

  private func lanes(_ time: Int, _ table: Table) -> String {
    "\(share(time, table.laneTime)) of the lanes' time"
  }

  private func share(_ part: Int, _ whole: Int) -> String {
    "\(whole > 0 ? (part * 100 + whole / 2) / whole : 0) %"
  }
}
