import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// What is seen of a migration from another terminal, while it runs and afterwards.
@Suite(.serialized) struct WatchEndToEndTests {
  private func prepared() throws -> (Migrate, TemporaryDatabase) {
    let target = try TemporaryDatabase("watched")
    var migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    migrate.environment["MIGRATION_BATCH_SIZE"] = "200"
    #expect(try migrate("db migrate").exitCode == 0)
    return (migrate, target)
  }

  @Test func aRunningMigrationIsSeen() throws {
    let (migrate, target) = try prepared()
    let gate = try Gate("customers", target.url)
    let running = try BackgroundRun(migrate, "run customers --parallel 2")
    try running.waitForChunks(3, in: target)
    let progress = try migrate.json("progress --table customers").document
    #expect(progress["running"]?["process"] == .int(Int(running.pid)))
    guard case .array(let tables)? = progress["tables"], tables.count == 1,
      case .double(let share)? = tables[0]["share"],
      case .double(let rate)? = tables[0]["rowsPerSecond"]
    else {
      Issue.record("\(progress.compact)")
      return
    }
    #expect(share > 0 && share < 1)
    #expect(rate > 0)
    #expect(tables[0]["rows"] == .int(12000))
    try eventually("a lane") {
      guard case .array(let lanes)? = try migrate.json("status --lanes").document["lanes"] else {
        return false
      }
      return lanes.first?["table"] == "customers"
    }
    let checked = try migrate("status --check")
    #expect(checked.exitCode == 0, "\(checked.output)")
    let metrics = try migrate.json("metrics").document
    #expect(metrics["running"] == true)
    guard case .int(let memory)? = metrics["residentBytes"] else {
      Issue.record("no memory")
      return
    }
    #expect(memory > 1 << 20)
    #expect(try migrate("progress --watch --json").exitCode == 2)
    let watching = try BackgroundRun(migrate, "progress --watch --interval 100ms")
    // The migration is at the gate until it was seen twice.
    try eventually("two looks at the table") {
      watching.output.split(separator: "\n").count { $0.hasPrefix("customers") } > 1
    }
    try gate.open()
    #expect(watching.end() == 0)
    #expect(watching.output.contains("nothing is running"))
    #expect(running.end() == 5)
  }

  @Test func metricsAreReadByPrometheus() throws {
    let (migrate, target) = try prepared()
    #expect(try migrate("run customers").exitCode == 5)
    let text = try migrate("metrics --prometheus").output
    let sample = /[a-z_]+\{([a-z]+="[^"]*",?)+\} -?[0-9.e+-]+/
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.wholeMatch(of: sample) != nil, "\(line)")
    }
    let loaded = try number(target, "select count(*) from customers")
    #expect(
      text.contains(
        "migrate_rows_total{plan=\"nxt\",session=\"1\",table=\"customers\",outcome=\"loaded\"} \(loaded)"
      ))
    for name in [
      "migrate_chunk_retries_total", "migrate_peak_bytes", "migrate_phase_seconds_total",
    ] {
      #expect(text.contains("# TYPE \(name) "))
    }
  }

  @Test func whatDoesNotAgreeIsFound() throws {
    let (migrate, target) = try prepared()
    #expect(try migrate("run customers --max-rejects 0").exitCode == 6)
    #expect(try migrate("status --check").exitCode == 0)
    let file = migrate.folder.path + "/migration-checkpoint.json"
    let sound = try String(contentsOfFile: file, encoding: .utf8)
    try "{".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try findings(migrate).map(\.name) == ["checkpoint file"])
    try sound.write(toFile: file, atomically: true, encoding: .utf8)
    try psql(
      target.url, "delete from customers where id = (select min(id::text)::uuid from customers)")
    let gone = try findings(migrate)
    #expect(gone.map(\.name) == ["rows of customers"])
    #expect(gone.first?.finding.contains("1 fewer") == true)
    try psql(
      target.url,
      "delete from migrate.quarantine where id = (select min(id) from migrate.quarantine)")
    #expect(
      try findings(migrate).map(\.name).sorted() == [
        "row counts of customers", "rows of customers",
      ])
  }

  private func findings(_ migrate: Migrate) throws -> [(name: String, finding: String)] {
    let (code, document) = try migrate.json("status --check")
    #expect(code == 4)
    guard case .array(let all)? = document["findings"] else { return [] }
    return all.compactMap { finding in
      guard finding["verdict"] == "failure", case .text(let name)? = finding["name"],
        case .text(let text)? = finding["finding"]
      else { return nil }
      return (name, text)
    }
  }

  @Test(arguments: [("C.UTF-8", "█"), ("C", "#")])
  func aTerminalShowsABarForEachTable(locale: String, mark: String) throws {
    var (migrate, target) = try prepared()
    migrate.environment["LC_ALL"] = locale
    migrate.environment["NO_COLOR"] = "1"
    let command = "\(try Migrate.executable()) run customers suppliers"
    let shown = try TestSupport.run(
      "/usr/bin/script", ["-qec", command, "/dev/null"], environment: migrate.environment,
      in: migrate.folder.path)
    #expect(shown.exitCode == 5, "\(shown.output)")
    for table in ["customers", "suppliers"] {
      let bar = try Regex("\(table) +\\[\(mark){20}\\] 100%  [0-9,]+/[0-9,]+ rows")
      #expect(shown.output.contains(bar), "\(shown.output)")
    }
    #expect(!shown.output.contains("\u{1B}[3"))
    #expect(try number(target, "select count(*) from customers") > 0)
  }

  @Test func rowsAreExplained() throws {
    let (migrate, target) = try prepared()
    let source = try Undisturbed.source.get()
    let bad = try psql(
      source.url, "select min(id::text) from legacy_customers where company_name is null")
    let (code, document) = try migrate.json("plan explain customers --key \(bad)")
    #expect(code == 0)
    guard case .array(let rows)? = document["rows"], let row = rows.first else {
      Issue.record("\(document.compact)")
      return
    }
    #expect(row["setAside"]?["column"] == "company_name")
    #expect(row["setAside"]?["reason"] == "missing")
    #expect(row["targetRow"] == .null)
    let good = try migrate("plan explain customers --limit 2")
    #expect(good.exitCode == 0)
    #expect(good.output.split(separator: "\n").count { $0.hasPrefix("legacy_customers →") } == 2)
    // Nothing was begun by looking.
    #expect(try migrate.json("status").document["session"] == .null)
    #expect(try number(target, "select count(*) from customers") == 0)
    #expect(try migrate("plan explain customer").exitCode == 3)
    #expect(try migrate("plan explain customers --key none").exitCode == 1)
  }

  @Test func theTimeOfARunIsExplained() throws {
    let (migrate, target) = try prepared()
    defer { withExtendedLifetime(target) {} }
    #expect(try migrate("performance-analysis").exitCode == 1)
    #expect(try migrate("run customers --parallel 2").exitCode == 5)
    let found = try migrate.json("performance-analysis").document
    guard case .array(let tables)? = found["tables"], tables.count == 1,
      let times = tables[0]["microseconds"],
      case .int(let total)? = found["microseconds"]?["total"]
    else {
      Issue.record("\(found.compact)")
      return
    }
    let time = { (name: String) -> Int in if case .int(let time)? = times[name] { time } else { 0 }
    }
    #expect(tables[0]["rows"] == .int(12000))
    #expect(tables[0]["lanes"] == 2)
    for stage in ["loading", "decode", "rules", "encode", "commit", "sourceWait"] {
      #expect(time(stage) > 0, "\(stage)")
    }
    // Wall time adds up to no more than the run, and the lanes' work to no more than their time.
    #expect(time("preparing") + time("loading") + time("finishing") <= total)
    let work = ["decode", "rules", "encode", "transport", "sourceWait", "targetWait"].map(time)
    #expect(work.reduce(0, +) <= 2 * time("loading"))
    #expect(try migrate("performance-analysis").output.contains("customers"))
    #expect(try migrate("performance-analysis --run 99").exitCode == 1)
  }
}
