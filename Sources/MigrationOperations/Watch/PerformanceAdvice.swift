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
            finding: "foreign keys and row counts took \(share(ending, total)) of the time",
            remedy:
              "raise the server's maintenance_work_mem; the check of a foreign key "
              + "reads both tables, which should fit into the server's cache")
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
        table.loading, "waiting for the source: \(lanes(table.phases.sourceWait, table))",
        "if the source has an idle processor, add a lane: --parallel \(table.lanes + 1); "
          + "otherwise read from a replica, or run closer to it: migrate network-test")
    case .target:
      let waited = table.phases.targetWait + table.phases.commit
      add(
        table.loading, "waiting for the target: \(lanes(waited, table))",
        "check its work per row (remaining indexes and triggers) and the disk of its WAL; "
          + "another lane only helps if the target has an idle processor")
    case .program:
      add(
        table.loading, "transforming rows: \(lanes(table.phases.transform, table))",
        "if this machine has an idle processor, add a lane: --parallel \(table.lanes + 1); "
          + "otherwise run migrate on a machine with more processors")
    case .none: break
    }
    if table.phases.commit * 10 > table.laneTime {
      add(
        table.phases.commit / max(1, table.lanes),
        "commits take \(lanes(table.phases.commit, table))",
        "use larger chunks, for fewer commits: --batch-size \(2 * table.rows / max(1, table.chunks))"
      )
    }
    if table.between * 4 > table.laneTime, table.lanes > 1 {
      add(
        table.between / table.lanes, "idle lanes: \(lanes(table.between, table))",
        "use smaller chunks, which keep more lanes busy at the end of a table: "
          + "--batch-size \(max(1, table.rows / max(1, 2 * table.chunks)))")
    }
    if table.finishing * 3 > whole {
      add(
        table.finishing,
        "the work after the load took \(share(table.finishing, whole)) of its time, mostly for indexes",
        "raise the server's maintenance_work_mem and "
          + "max_parallel_maintenance_workers")
    }
    if table.preparing * 3 > whole {
      add(
        table.preparing,
        "the work before the load took \(share(table.preparing, whole)) of its time",
        "an index on the source's key and unique columns speeds up look-up tables, the search for "
          + "duplicates and chunk boundaries")
    }
    return found
  }

  private func lanes(_ time: Int, _ table: Table) -> String {
    "\(share(time, table.laneTime)) of the lanes' time"
  }

  private func share(_ part: Int, _ whole: Int) -> String {
    "\(whole > 0 ? (part * 100 + whole / 2) / whole : 0)%"
  }
}
