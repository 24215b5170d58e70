import Foundation
import Testing

@testable import MigrationPlan
@testable import MigrationRows

@Suite struct TransformReferenceTests {
  static let one = "11111111-1111-4111-8111-111111111111"
  static let two = "22222222-2222-4222-8222-222222222222"

  private func reference(_ orphan: FailurePolicy) -> Rule {
    .reference(
      Reference(
        table: "suppliers",
        ways: [
          .init(column: "id", value: .identity(entity: "suppliers", .source(["supplier_id"]))),
          .init(column: "supplier_code", value: .source(["supplier_code"])),
        ], orphan: orphan))
  }

  private func bench(_ orphan: FailurePolicy) throws -> Bench {
    let byID = LookupTableBuilder()
    let row = Wire.row([try Wire.uuid(Self.one), try Wire.uuid(Self.one)])
    #expect(row.withUnsafeBytes { byID.insert(row: $0) })
    let byCode = LookupTableBuilder()
    byCode.insert(key: "S2", value: try Wire.uuid(Self.two))
    return try Bench(
      [("supplier_id", Types.uuid), ("supplier_code", Types.text)],
      [("supplier_id", Types.uuid, reference(orphan))],
      lookups: [byID.finish(), byCode.finish()])
  }

  @Test func waysAreTriedInOrder() throws {
    let bench = try bench(.quarantine)
    let (one, two) = (try Wire.uuid(Self.one), try Wire.uuid(Self.two))
    #expect(bench.outcome([one, Wire.text("S2")]) == .value(one))
    #expect(bench.outcome([two, Wire.text("S2")]) == .value(two))
    #expect(bench.outcome([nil, Wire.text("S2")]) == .value(two))
    #expect(bench.outcome([nil, nil]) == .value(nil))
    #expect(bench.outcome([nil, Wire.text("S3")]) == .rejected(.orphan))
    #expect(bench.machine.reject.code == .foreignKey)
    #expect(bench.machine.reject.value == "S3")
    #expect(bench.machine.reject.sources == ["supplier_id", "supplier_code"])
  }

  @Test func orphansFollowThePolicy() throws {
    let nulling = try bench(.null)
    #expect(nulling.outcome([nil, Wire.text("S3")]) == .value(nil))
    #expect(nulling.outcome([nil, nil]) == .value(nil))
    #expect(nulling.warnings("supplier_id", .orphan) == 1)
    let keeping = try bench(.keep)
    #expect(keeping.outcome([try Wire.uuid(Self.two), nil]) == .value(try Wire.uuid(Self.two)))
    #expect(keeping.warnings("supplier_id", .orphan) == 1)
  }

  @Test func theProgramSaysWhatItNeeds() throws {
    let program = try bench(.null).program
    #expect(
      program.references == [
        ReferenceSpec(
          table: "suppliers", keyColumn: "id", resultColumn: "id", keyForm: .uuid, resultForm: .uuid
        ),
        ReferenceSpec(
          table: "suppliers", keyColumn: "supplier_code", resultColumn: "id", keyForm: .text,
          resultForm: .uuid),
      ])
    #expect(program.references[1].selectList == "\"supplier_code\"::text, \"id\"::uuid")
    #expect(program.deferredReferences.isEmpty)
    #expect(program.uniqueSets == [["supplier_id"]])
  }

  @Test func integerKeysAreLookedUpByNumber() throws {
    let table = LookupTableBuilder()
    let row = Wire.row([Wire.integer(Int64(7)), Wire.integer(Int64(70))])
    #expect(row.withUnsafeBytes { table.insert(row: $0) })
    let rule = Rule.reference(
      Reference(table: "o", ways: [.init(column: "id", value: .source(["v"]))], orphan: .null))
    let bench = try Bench(
      [("v", Types.text)], [("c", Types.int4, rule)], lookups: [table.finish()])
    #expect(bench.program.references.first?.selectList == "\"id\"::int8, \"id\"::int8")
    #expect(bench.outcome([Wire.text("7")]) == .value(Wire.integer(Int32(70))))
    #expect(bench.outcome([Wire.text("seven")]) == .value(nil))
  }

  @Test func referencesToTheTableItselfPassThrough() throws {
    let rule = Rule.reference(
      Reference(
        table: "t", ways: [.init(column: "id", value: .identity(entity: "t", .source(["parent"])))],
        orphan: .null))
    let bench = try Bench([("parent", Types.uuid)], [("parent_id", Types.uuid, rule)])
    #expect(bench.program.references.isEmpty)
    #expect(
      bench.program.deferredReferences == [
        DeferredReference(column: "parent_id", table: "t", resultColumn: "id", orphan: .null)
      ])
    #expect(bench.outcome([try Wire.uuid(Self.one)]) == .value(try Wire.uuid(Self.one)))
    let byCode = Rule.reference(
      Reference(
        table: "t", ways: [.init(column: "code", value: .source(["parent"]))], orphan: .null))
    #expect(throws: PlanFaults.self) {
      try Bench([("parent", Types.uuid)], [("parent_id", Types.uuid, byCode)])
    }
  }

  @Test func faultsComeTogetherWithTheirRemedies() throws {
    do {
      _ = try Bench(
        [("name", Types.text)],
        [
          ("a", Types.text, .source(["nam"])),
          (
            "b", Types.date,
            .step(.source(["name"]), .date(formats: ["YYYY"], timeZone: "Mars/X", .null))
          ),
          ("d", Types.int4, .step(.source(["name"]), .minimum("many", .null))),
          ("e", Types.interval, .constant(1)),
        ])
      Issue.record("the faults were not found")
    } catch let error as PlanFaults {
      #expect(error.faults.count == 5)
      #expect(error.faults[0].what.contains("did you mean name?"))
      #expect(error.faults.allSatisfy { !$0.remedy.isEmpty && $0.place == Bench.place })
    }
  }
}
