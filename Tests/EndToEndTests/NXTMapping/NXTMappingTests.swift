import Foundation
import MigrationCore
import TestSupport
import Testing

/// The shipped NXT plan on rows made by hand: every line of the mapping and every rule of it.
@Suite(.serialized) struct NXTMappingTests {
  static let feeds = Result { try MappingFeed.all() }
  static let migrated = Result { try Migrated(feeds.get()) }

  @Test func everyRuleOfEveryLineIsTried() throws {
    let feeds = try Self.feeds.get()
    #expect(feeds.map(\.lines.count).reduce(0, +) == 156)
    for feed in feeds {
      for line in feed.lines {
        let untried = MappingRule.untried(line)
        #expect(untried.isEmpty, "\(feed.source) -> \(feed.target).\(line.target)")
      }
    }
  }

  @Test func everyColumnOfBothSidesStandsInTheMapping() throws {
    let (feeds, migrated) = (try Self.feeds.get(), try Self.migrated.get())
    for feed in feeds {
      let columns = try migrated.columns(of: feed.source, in: migrated.source)
      #expect(Set(columns.keys) == Set(feed.lines.flatMap(\.sources)), "\(feed.source)")
    }
    for (target, feeds) in Dictionary(grouping: feeds, by: \.target) {
      let columns = try migrated.columns(of: target, in: migrated.target)
      #expect(Set(columns.keys) == Set(feeds.flatMap(\.lines).map(\.column)), "\(target)")
      for line in feeds.flatMap(\.lines) {
        #expect(columns[line.column] == MappedType(line.type).name, "\(target).\(line.column)")
      }
    }
  }

  @Test func everyGoodRowIsInTheTargetAsTheMappingSays() throws {
    let migrated = try Self.migrated.get()
    for row in migrated.rows where row.reject == nil {
      let lines = row.feed.lines.filter { row.wanted[$0.target] != nil }
      let found = try migrated.values(of: row, lines)
      for line in lines {
        let wanted = try migrated.text(row.wanted[line.target] ?? "", of: line)
        let value = found[line.target] ?? "no row"
        if wanted == "GENERATED" {
          #expect(Int(value) != nil, "\(row.name)")
        } else {
          #expect(value == wanted, "\(row.name): \(line.target)")
        }
      }
    }
  }

  @Test func everyBadRowIsSetAsideWithItsReason() throws {
    let migrated = try Self.migrated.get()
    let entries = try migrated.quarantine()
    let bad = migrated.rows.filter { $0.reject != nil }
    #expect(entries.count == bad.count)
    for row in bad {
      guard let reject = row.reject, let entry = entries[row.feed.source + " " + row.key] else {
        Issue.record("\(row.name) is not set aside")
        continue
      }
      #expect(Array(entry.prefix(3)) == Array(reject.prefix(3)), "\(row.name)")
      #expect(entry[3] == (try migrated.text(reject[3])), "\(row.name)")
      #expect(entry[4] == "whole", "\(row.name): the source row")
    }
  }

  @Test func theFirstOfTwoWinsAndIsNamed() throws {
    let migrated = try Self.migrated.get()
    for row in migrated.rows where row.reject?[1] == "duplicate" {
      let winner = try psql(
        migrated.target.url,
        """
        select winner->>'from' || ' ' || (winner->'key'->>'id')
        from migrate.quarantine where key->>'id' = '\(row.key)'
        """)
      let isTaken = row.given.values.contains("'SUP-1'")
      let source = isTaken ? "legacy_suppliers" : row.feed.source
      let first = migrated.rows.first { $0.name == source + " full" }
      #expect(winner == source + " " + (first?.key ?? ""), "\(row.name)")
    }
  }

  @Test func everyWarningIsCountedAndNoOther() throws {
    let migrated = try Self.migrated.get()
    var wanted: [String: Int] = [:]
    for case let row in migrated.rows {
      guard let warning = row.warning else { continue }
      wanted["\(row.feed.target)|\(warning.column)|\(warning.reason)", default: 0] += 1
    }
    let found = try psql(
      migrated.target.url,
      """
      select t.name, w.column_name, w.reason, sum(w.count) from migrate.warning w
      join migrate.table_state t on t.id = w.table_id group by 1, 2, 3
      """)
    let counts = Dictionary(
      found.split(separator: "\n").compactMap { line in
        line.lastIndex(of: "|").map {
          (String(line[..<$0]), Int(line[line.index(after: $0)...]) ?? -1)
        }
      }, uniquingKeysWith: +)
    #expect(counts == wanted)
  }

  @Test func nothingIsLostAndSequencesGoOn() throws {
    let migrated = try Self.migrated.get()
    for (target, feeds) in Dictionary(grouping: try Self.feeds.get(), by: \.target) {
      let sources = feeds.map(\.source)
      let rows = migrated.rows.filter { sources.contains($0.feed.source) }
      let loaded = try psql(migrated.target.url, "select count(*) from \(target)")
      #expect(Int(loaded) == rows.filter { $0.reject == nil }.count, "\(target)")
    }
    let next = try psql(
      migrated.target.url,
      "select nextval('inventory_id_seq') > max(id) from inventory")
    #expect(next == "t")
  }
}
