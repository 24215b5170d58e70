import Foundation
import Mongo
import Testing

@testable import MigrationPlan
@testable import MigrationRows

/// The table "From documents" of `docs/types.md`, entry by entry.
@Suite struct DocumentTypeTests {
  /// The entries of the table by row and column.
  private static func table() throws -> [String: [String: String]] {
    let text = try String(
      contentsOf: planPackageRoot.appending(path: "docs/types.md"), encoding: .utf8)
    let part = try #require(text.components(separatedBy: "## From documents").last)
    let lines = part.split(separator: "\n").filter { $0.hasPrefix("|") }
    let cells = lines.map { line in
      line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let header = try #require(cells.first).dropFirst()
    #expect(Array(header) == DocumentTypeCases.columns.map(\.name))
    // Another table follows further down; its rows are shorter.
    let rows = cells.dropFirst(2).prefix { $0.count == header.count + 1 }
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        (row[0], Dictionary(uniqueKeysWithValues: zip(header, row.dropFirst())))
      })
  }

  /// Runs a value into a column and returns its text there, or its reason.
  private static func outcome(_ value: BSONValue, _ type: PostgresType) throws -> String {
    switch try transform(value, to: type) {
    case .rejected(let reason): return "!\(reason)"
    case .value(nil): return "null"
    case .value(let bytes?):
      let form = try #require(WireForm(type))
      return try bytes.withUnsafeBytes { bytes in
        let start = try #require(bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8))
        return TextForm.string(form.decode(start, bytes.count)) ?? "null"
      }
    }
  }

  @Test(arguments: DocumentTypeCases.rows.map(\.name))
  func valuesBecomeWhatTheTableSays(_ row: String) throws {
    let entries = try #require(try Self.table()[row], "the table has no row \(row)")
    let cases = try #require(DocumentTypeCases.rows.first { $0.name == row }).cases
    let values = cases.map(\.value)
    for (column, types) in DocumentTypeCases.columns {
      let own = cases.filter { types.keys.contains($0.column) }
      for item in own {
        let type = try #require(types[item.column])
        let expected =
          type.oid == OID.jsonb && !item.expected.hasPrefix("!")
          ? Outcome.json(item.expected).text : item.expected
        #expect(
          try Self.outcome(item.value, type) == expected, "\(item.value) → \(item.column)")
      }
      let entry = try #require(entries[column])
      guard entry == "–" else {
        #expect(own.contains { !$0.expected.hasPrefix("!") }, "no case for \(row) → \(column)")
        continue
      }
      for (name, type) in types {
        for value in values {
          #expect(
            try Self.outcome(value, type).hasPrefix("!"), "\(value) → \(name) should be refused")
        }
      }
    }
  }

  @Test func everyTypeIsInTheTable() throws {
    let names = try Set(Self.table().keys)
    let known = Set(DocumentTypeCases.rows.map(\.name) + ["null, undefined, missing"])
    #expect(names == known)
    let covered = Set(DocumentTypeCases.rows.flatMap { $0.cases.map(\.value.type) })
    #expect(covered == Set(BSONType.allCases).subtracting([.null, .undefined]))
  }

  @Test func nullsAreNullEverywhere() throws {
    for type in DocumentTypeCases.columns.flatMap(\.types.values) {
      #expect(try Self.outcome(.null, type) == "null")
      #expect(try Self.outcome(.undefined, type) == "null")
      #expect(try DocumentBench([("c", type, .source(["v"]))]).outcome(["_id": 1]) == .value(nil))
    }
  }

  @Test func nulsAreTreatedAsThePlanSaysAlsoInsideJSON() throws {
    let value: BSONValue = ["t": "a\0b", "list": ["\0"], "n": 1]
    func json(_ policy: NULPolicy) throws -> Outcome {
      try transform(value, to: Types.jsonb, .step(.source(["v"]), .nul(policy)))
    }
    #expect(try json(.quarantine) == .rejected(.nulByte))
    #expect(try json(.strip) == .json(#"{"t":"ab","list":[""],"n":1}"#))
    #expect(
      try json(.replace) == .json("{\"t\":\"a\u{FFFD}b\",\"list\":[\"\u{FFFD}\"],\"n\":1}"))
    let bench = try DocumentBench([
      ("c", Types.textArray, .step(.source(["v"]), .nul(.strip)))
    ])
    #expect(
      bench.rows(["_id": 1, "v": ["a\0", "b"]])[0]?[0]
        == Wire.array(25, [Wire.text("a"), Wire.text("b")]))
    #expect(bench.machine.warnings["c", .nulByte] == 1)
  }
}
