import Foundation

/// What the tests' PostgreSQL logs of statements and plans from a moment on.
///
/// It counts work without a clock: how many statements came, and how many rows their plans took into the hand.
public struct ServerLog {
  /// The statements of some sessions; several that came in one message count as one, and so does a COPY.
  public struct Work {
    public fileprivate(set) var statements: [String] = []
    /// Rows that the nodes of plans made or threw away.
    public fileprivate(set) var rows = 0

    public func count(_ words: String) -> Int { statements.count { $0.contains(words) } }
  }

  private let path: String
  private let start: UInt64

  public init() throws {
    path = try TestServers.setting("MIGRATE_SERVERS_DIR") + "/postgres.log"
    start = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).seekToEnd()
  }

  /// Settings with which the server logs statements, and their plans if these are asked for.
  public static func settings(plans: Bool) -> [String] {
    let plan = [
      "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on",
      "auto_explain.log_timing = off",
    ]
    return ["log_min_duration_statement = 0"] + (plans ? plan : [])
  }

  /// Lets the server log what later sessions of a database do.
  public static func watch(_ database: TemporaryDatabase, plans: Bool = false) throws {
    let load = plans ? ["session_preload_libraries = 'auto_explain'"] : []
    try psql(
      database.url,
      (load + settings(plans: plans)).map { "alter database \"\(database.name)\" set \($0);" }
        .joined(separator: "\n"))
  }

  /// What sessions did of which some statement names a word that no other test uses.
  public func work(naming word: String) throws -> Work {
    var (all, naming): ([Substring: Work], Set<Substring>) = ([:], [])
    for entry in try entries() {
      let process = Self.process(entry)
      if entry.contains(where: { $0.contains(word) }) { naming.insert(process) }
      Self.add(entry, to: &all[process, default: Work()])
    }
    return naming.reduce(into: Work()) { sum, process in
      sum.statements += all[process]?.statements ?? []
      sum.rows += all[process]?.rows ?? 0
    }
  }

  /// What the session of a server's process did.
  public func work(of process: Int32) throws -> Work {
    var work = Work()
    for entry in try entries() where Self.process(entry) == "\(process)" {
      Self.add(entry, to: &work)
    }
    return work
  }

  private static func process(_ entry: [Substring]) -> Substring {
    entry[0].drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }
  }

  /// The lines of each entry.
  private func entries() throws -> [[Substring]] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    try file.seek(toOffset: start)
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    var entries: [[Substring]] = []
    for line in text.split(separator: "\n") {
      if line.first?.isNumber == true {
        entries.append([line])
      } else if !entries.isEmpty {
        entries[entries.count - 1].append(line)
      }
    }
    return entries
  }

  private static func add(_ entry: [Substring], to work: inout Work) {
    guard let duration = entry[0].range(of: "LOG:  duration: ") else { return }
    let rest = entry[0][duration.upperBound...].drop { $0 != "m" }.dropFirst(2)
    if rest.hasPrefix("  plan:") {
      work.rows += rows(of: entry)
    } else if rest.hasPrefix("  statement: ") || rest.hasPrefix("  execute ") {
      work.statements.append(([rest] + entry.dropFirst()).joined(separator: " "))
    }
  }

  /// The rows of a plan as `auto_explain` writes it: those of each node, and those that it filtered.
  private static func rows(of plan: [Substring]) -> Int {
    var (loops, sum) = (1.0, 0.0)
    for line in plan {
      if let actual = line.range(of: "(actual ") {
        let rest = line[actual.upperBound...]
        loops = number(after: "loops=", in: rest) ?? 1
        sum += loops * (number(after: "rows=", in: rest) ?? 0)
      } else if line.contains("Rows Removed by") {
        sum += loops * (number(after: ": ", in: line) ?? 0)
      }
    }
    return Int(sum)
  }

  private static func number(after word: String, in line: Substring) -> Double? {
    line.range(of: word).flatMap { found in
      Double(line[found.upperBound...].prefix { $0.isNumber || $0 == "." })
    }
  }
}
