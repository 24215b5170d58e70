import AllocationCounter
import Foundation
import Postgres
import Testing

@testable import MigrationPlan
@testable import MigrationRows

@Suite struct TransformMachineTests {
  /// A program with most kinds of instructions, and rows for it.
  private func busyBench() throws -> (bench: Bench, rows: [[UInt8]]) {
    let words = LookupTableBuilder()
    words.insert(key: "S1", value: try Wire.uuid(TransformTypeTests.uuid))
    let reference = Reference(
      table: "suppliers", ways: [.init(column: "code", value: .source(["code"]))], orphan: .null)
    let bench = try Bench(
      [
        ("id", Types.int4), ("code", Types.text), ("email", Types.text), ("phone", Types.text),
        ("limit", Types.numeric), ("at", Types.timestamp), ("on", Types.text),
        ("tags", Types.textArray),
        ("json", Types.jsonb),
      ],
      [
        ("id", Types.uuid, .identity(entity: "t", .source(["id"]))),
        ("supplier", Types.uuid, .reference(reference)),
        ("email", Types.varchar(100), .step(.step(.source(["email"]), .lowercase), .email(.keep))),
        ("phone", Types.text, .step(.source(["phone"]), .phone(.null))),
        ("hash", Types.text, .step(.source(["email"]), .hash)),
        (
          "limit", Types.numeric(12, 2),
          .step(.step(.source(["limit"]), .round), .minimum("0", .null))
        ),
        ("at", Types.timestamptz, .step(.source(["at"]), .otherwise(.runTime))),
        (
          "on", Types.date,
          .step(.source(["on"]), .date(formats: ["MMM d yyyy"], timeZone: nil, .null))
        ),
        ("tags", Types.jsonb, .source(["tags"])),
        ("kind", Types.text, .part(.source(["json"]), path: ["a"])),
        (
          "meta", Types.jsonb,
          .object([
            ("limit", .source(["limit"])), ("email", .source(["email"])),
            ("json", .source(["json"])),
          ])
        ),
      ], lookups: [words.finish()], timeZone: "Europe/Prague")
    return (bench, try (0..<50).map(busyRow))
  }

  private func busyRow(_ index: Int) throws -> [UInt8] {
    let limit = try Wire.numeric("\(index - 10).0\(index)5")
    let values: [[UInt8]?] = [
      Wire.integer(Int32(index)), Wire.text(index % 2 == 0 ? "S1" : "S2"),
      Wire.text(index % 3 == 0 ? "Not an Address" : "User\(index)@Example.com"),
      Wire.text(index % 5 == 0 ? "none" : "+420 777 123 \(100 + index)"),
      index % 7 == 0 ? nil : limit,
      index % 4 == 0 ? nil : Wire.integer(Int64(index) * 1_000_000_007),
      Wire.text("May \(1 + index % 31) 2024"),
      Wire.array(25, [Wire.text("x"), nil, Wire.text("quote\"d \(index)")]),
      Wire.jsonb(#"{"a": "esc\u0041ped", "b": [1, 2, {"c": null}]}"#),
    ]
    return Wire.row(values)
  }

  @Test(.enabled(if: allocations_are_counted())) func noRowAllocatesAfterTheFirst() throws {
    let (bench, rows) = try busyBench()
    // The rows lie in one block: walking an array of arrays allocates in an unoptimised build.
    let space = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows.reduce(0) { $0 + $1.count }, alignment: 1)
    defer { space.deallocate() }
    space.copyBytes(from: rows.joined())
    let lengths = UnsafeMutableBufferPointer<Int>.allocate(capacity: rows.count)
    defer { lengths.deallocate() }
    for (index, row) in rows.enumerated() { lengths[index] = row.count }
    func run(times: Int) -> Int {
      var loaded = 0
      for _ in 0..<times {
        var offset = 0
        for index in 0..<lengths.count {
          let row = UnsafeRawBufferPointer(rebasing: space[offset..<offset + lengths[index]])
          if bench.machine.run(row, into: bench.buffer) == .row { loaded += 1 }
          offset += lengths[index]
        }
        bench.buffer.removeAll()
      }
      return loaded
    }
    #expect(run(times: 2) == 100)
    // The counter itself must work, or the test proves nothing.
    let probe = allocation_count()
    let block = malloc(64)
    #expect(allocation_count() == probe + 1)
    free(block)
    let before = allocation_count()
    let loaded = run(times: 2000)
    let after = allocation_count()
    #expect(loaded == 100_000)
    #expect(after - before == 0)
  }

  @Test(.enabled(if: allocations_are_counted())) func rejectedRowsAllocateNothingEither() throws {
    let bench = try Bench([("v", Types.text)], [("c", Types.int4, .source(["v"]))])
    let row = Wire.row([Wire.text("twelve")])
    var rejected = 0
    func run(_ times: Int) {
      for _ in 0..<times {
        row.withUnsafeBytes {
          if bench.machine.run($0, into: bench.buffer) == .rejected { rejected += 1 }
        }
      }
    }
    run(10)
    let before = allocation_count()
    run(10_000)
    #expect(allocation_count() == before)
    #expect(rejected == 10_010)
  }

  @Test func hugeRowsPassAndLeaveNothingBehind() throws {
    let bench = try Bench(
      [("v", Types.text)],
      [("c", Types.jsonb, .object([("v", .source(["v"])), ("w", .source(["v"]))]))])
    let huge = String(repeating: "\u{1}\"ž", count: 400_000)
    guard case .value(let bytes?) = bench.outcome([Wire.text(huge)]) else {
      Issue.record("the huge row was rejected")
      return
    }
    let object = try JSONSerialization.jsonObject(with: Data(bytes.dropFirst()))
    #expect((object as? [String: String])?["w"] == huge)
    #expect(bench.outcome([Wire.text("x")]) == .json(#"{"v":"x","w":"x"}"#))
  }

  @Test func sourceRowsAndKeysAreToldWhole() throws {
    let bench = try Bench(
      [
        ("id", Types.int8), ("n", Types.numeric), ("t", Types.timestamp), ("j", Types.json),
        ("a", Types.textArray), ("x", Types.text), ("z", Types.text),
      ], [("id", Types.int8, .source(["id"]))])
    let row = Wire.row([
      Wire.integer(Int64(7)), try Wire.numeric("1.10"), Wire.integer(Int64(0)),
      Wire.text(#"{"b": 1, "a": [true]}"#), Wire.array(25, [Wire.text("q"), nil]), [0xFF, 0x41],
      nil,
    ])
    row.withUnsafeBytes { bytes in
      #expect(
        bench.machine.sourceRow(bytes).compact
          == #"{"id":7,"n":1.10,"t":"2000-01-01 00:00:00","j":{"b":1,"a":[true]},"a":["q",null],"#
          + #""x":{"$binary":"ff41"},"z":null}"#)
      #expect(bench.machine.key(bytes).compact == #"{"id":7}"#)
    }
  }

  @Test func aTraceTellsEveryStep() throws {
    let bench = try Bench(
      [("a", Types.text), ("b", Types.text)],
      [
        (
          "c", Types.varchar(5),
          .step(
            .step(.source(["a", "b"]), .trim),
            .otherwise(.concatenation([.constant("x")], separator: "")))
        ), ("n", Types.int4, .source(["b"])),
      ])
    let row = Wire.row([Wire.text("  hi "), Wire.text("5x")])
    let trace = row.withUnsafeBytes { bench.machine.trace($0) }
    #expect(
      trace == [
        TraceStep(
          column: "c", step: "first of", before: ["  hi ", "5x"], after: "  hi ", failure: nil),
        TraceStep(column: "c", step: "trim", before: ["  hi "], after: "hi", failure: nil),
        TraceStep(
          column: "c", step: "as character varying(5)", before: ["hi"], after: "hi", failure: nil),
        TraceStep(
          column: "n", step: "as integer", before: ["5x"], after: nil, failure: .notANumber),
      ])
    let other = Wire.row([nil, nil]).withUnsafeBytes { bench.machine.trace($0) }
    #expect(other.contains { $0.step == "default" && $0.after == "x" })
    #expect(other.last?.failure == nil)
    #expect(
      [UInt8]([1]).withUnsafeBytes { bench.machine.trace($0) }.map(\.failure) == [.corruptRow])
    #expect(bench.machine.warnings.total == 0)
  }

  @Test func aTraceLeavesNoWarnings() throws {
    let bench = try Bench(
      [("a", Types.text)], [("c", Types.text, .step(.source(["a"]), .phone(.keep)))])
    let row = Wire.row([Wire.text("x")])
    for _ in 0..<50 { _ = row.withUnsafeBytes { bench.machine.trace($0) } }
    #expect(bench.run([Wire.text("y")]) != nil)
    #expect(bench.warnings("c", .badPhone) == 1)
  }
}
