import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// What there was at one moment: how many rows each source and each target table had, and what the
/// machine had left.
///
/// Taken before a migration and again after it, two of them show what was written to the source
/// meanwhile, and what the target gained.
package struct Baseline: Sendable, Hashable {
  /// Counts by name; nil for what is not there.
  package typealias Counts = [String: Int?]

  package static let fileName = "migration-baseline.json"

  package let plan: String
  package let taken: Moment
  package let source: Counts
  package let target: Counts
  /// Bytes of the target database.
  package let targetBytes: Int
  package let machine: MachineResources

  package init(
    plan: String, taken: Moment, source: Counts, target: Counts, targetBytes: Int,
    machine: MachineResources
  ) {
    self.plan = plan
    self.taken = taken
    self.source = source
    self.target = target
    self.targetBytes = targetBytes
    self.machine = machine
  }

  /// Counts every row of the plan's sources and target tables.
  package static func take(
    _ plan: Plan, source: SourcePlace, target: Connection, folder: String
  ) throws -> Baseline {
    let reader = try source.source().open(timeout: nil)
    var sources: Counts = [:]
    for feed in plan.tables.flatMap(\.feeds) where sources[feed.from] == nil {
      let found = try reader.find(feed, schema: plan.source.schema, condition: nil)
      sources[feed.from] = try reader.count(found, each: nil)
    }
    var tables: Counts = [:]
    let names = plan.tables.map { QualifiedName(schema: plan.target.schema, name: $0.name) }
    for (name, rows) in zip(names, try CatalogReader(target).ownRows(of: names)) {
      tables[name.name] =
        try rows.map { try target.query("SELECT count(*) FROM \($0)").int(0, 0) } ?? .some(nil)
    }
    let found = try target.query(
      """
      SELECT pg_catalog.pg_database_size(pg_catalog.current_database()),
        \(Moment.sql("clock_timestamp()"))
      """)
    return Baseline(
      plan: plan.name, taken: Moment(microseconds: found.int(0, 1) ?? 0), source: sources,
      target: tables, targetBytes: found.int(0, 0) ?? 0, machine: MachineResources(folder: folder))
  }

  /// The baseline as a file, for programs and people.
  package var json: JSONValue {
    [
      "plan": .text(plan), "taken": .text(taken.description),
      "takenMicroseconds": .int(taken.microseconds), "source": Self.json(source),
      "target": Self.json(target), "targetBytes": .int(targetBytes), "machine": machine.json,
    ]
  }

  private static func json(_ counts: Counts) -> JSONValue {
    .object(
      JSONObject(
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.map(JSONValue.int) ?? .null) }))
  }
}

/// Reading a baseline again.
extension Baseline {
  /// Writes the file whole or not at all.
  package func write(_ path: String) throws {
    try AtomicFile.write(path) { append in try append(json.pretty + "\n") }
  }

  /// Reads a file that `write` has written.
  package init(text: String, file: String) throws {
    let value: JSONValue
    do { value = try JSONValue.parse(text, file: file) } catch {
      throw Self.damaged(file, "\(error)")
    }
    guard case .text(let plan)? = value["plan"], case .int(let taken)? = value["takenMicroseconds"],
      case .int(let bytes)? = value["targetBytes"], let source = Self.counts(value["source"]),
      let target = Self.counts(value["target"]), let machine = MachineResources(value["machine"])
    else { throw Self.damaged(file, "a key is missing") }
    self.init(
      plan: plan, taken: Moment(microseconds: taken), source: source, target: target,
      targetBytes: bytes, machine: machine)
  }

  private static func counts(_ value: JSONValue?) -> Counts? {
    guard case .object(let object)? = value else { return nil }
    var counts: Counts = [:]
    for member in object.members {
      switch member.value {
      case .int(let count): counts[member.key] = count
      case .null: counts[member.key] = .some(nil)
      default: return nil
      }
    }
    return counts
  }

  private static func damaged(_ file: String, _ what: String) -> MigrationError {
    MigrationError(
      .failed, "the file is not a baseline: \(what)", place: file,
      remedy: "record a new baseline before the next migration: migrate baseline")
  }
}

/// What has changed between two baselines of a plan.
package struct BaselineComparison: Sendable {
  package struct Line: Sendable, Hashable {
    package let name: String
    package let before: Int?
    package let now: Int?
    package var change: Int { (now ?? 0) - (before ?? 0) }
  }

  package let before: Baseline
  package let now: Baseline

  package init(before: Baseline, now: Baseline) { (self.before, self.now) = (before, now) }

  package var source: [Line] { Self.lines(before.source, now.source) }
  package var target: [Line] { Self.lines(before.target, now.target) }

  /// Whether anything came to the source or left it since; what was changed in place does not show.
  package var sourceChanged: Bool { source.contains { $0.before != $0.now } }

  private static func lines(_ before: Baseline.Counts, _ now: Baseline.Counts) -> [Line] {
    Set(before.keys).union(now.keys).sorted().map {
      Line(name: $0, before: before[$0] ?? nil, now: now[$0] ?? nil)
    }
  }

  package var json: JSONValue {
    [
      "plan": .text(now.plan), "sourceChanged": .bool(sourceChanged), "before": before.json,
      "now": now.json, "source": .array(source.map(\.json)), "target": .array(target.map(\.json)),
    ]
  }
}

extension BaselineComparison.Line {
  package var json: JSONValue {
    [
      "name": .text(name), "before": before.map(JSONValue.int) ?? .null,
      "now": now.map(JSONValue.int) ?? .null, "change": .int(change),
    ]
  }
}
