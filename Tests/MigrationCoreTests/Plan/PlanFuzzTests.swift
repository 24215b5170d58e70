import Foundation
import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// Whatever bytes are read, the answer is a plan or faults with places.
@Suite struct PlanFuzzTests {
  private func read(_ bytes: [UInt8]) {
    do {
      _ = try PlanReader.read(bytes: bytes)
    } catch {
      #expect(!error.faults.isEmpty)
      #expect(error.faults.allSatisfy { !$0.what.isEmpty && $0.place.line >= 0 })
    }
  }

  @Test func mutatedPlans() throws {
    let file = planPackageRoot.appending(path: "config/nxt/plan.json5")
    let shipped = Array(try Data(contentsOf: file))
    // Pieces that mean something in other places get mutations past the grammar.
    let pieces = [
      "{", "}", "[", "]", "null", "\"keep\"", "from", ":", ",", "-1", "\"\"", "0x", "\\u0000", "é",
    ].map { Array($0.utf8) }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      var bytes = shipped
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
        let piece = pieces.randomElement(using: &random) ?? []
        bytes.replaceSubrange(place..<end, with: Bool.random(using: &random) ? piece : [])
      }
      read(bytes)
    }
  }

  @Test func swappedValues() throws {
    let file = planPackageRoot.appending(path: "config/nxt/plan.json5")
    let root = try JSON5.parse(bytes: Array(try Data(contentsOf: file))).value
    let odd: [JSONValue] = [
      nil, true, 7, -1, 0.5, "", "x", [], ["a", 1], .object(JSONObject([("from", 1)])),
    ]
    var count = 0
    // A stride that shares no factor with the number of odd values takes each of them in turn.
    let stride = 11
    var index = Int.random(in: 0..<stride)
    while let changed = replacing(root, at: index, with: odd[index % odd.count]) {
      read(Array(changed.compact.utf8))
      (count, index) = (count + 1, index + stride)
    }
    #expect(count > 30)
  }

  private func replacing(_ value: JSONValue, at index: Int, with new: JSONValue) -> JSONValue? {
    var left = index
    func walk(_ value: JSONValue) -> JSONValue {
      if left == 0 {
        left -= 1
        return new
      }
      left -= 1
      switch value {
      case .object(let object):
        return .object(JSONObject(object.members.map { ($0.key, walk($0.value)) }))
      case .array(let elements): return .array(elements.map(walk))
      default: return value
      }
    }
    let changed = walk(value)
    // A bare nil would be the JSON value null.
    return left < 0 ? changed : Optional.none
  }

  @Test func noise() {
    var random = SystemRandomNumberGenerator()
    for length in 0..<300 {
      read((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    read(Array(repeating: UInt8(ascii: "["), count: 100_000))
  }
}
