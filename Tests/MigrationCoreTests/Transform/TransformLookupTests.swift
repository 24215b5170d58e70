import Foundation
import Testing

@testable import MigrationRows

@Suite struct TransformLookupTests {
  private func find(_ table: LookupTable, _ key: [UInt8]) -> [UInt8]? {
    key.withUnsafeBytes { table.find($0) { Array($0) } }
  }

  @Test func aMillionEntriesStayUnder64MiB() {
    let builder = LookupTableBuilder()
    for index in 0..<1_000_000 {
      var value = (UInt64(index), UInt64(index) &* 31)
      withUnsafeBytes(of: &value) { value in
        withUnsafeBytes(of: (UInt32(index), UInt64(index) &* 0x9E37_79B9_7F4A_7C15).1) { key in
          _ = builder.insert(key: key, value: value)
        }
      }
    }
    let table = builder.finish()
    #expect(table.count == 1_000_000)
    #expect(table.byteCount < 64 << 20)
    var found = 0
    for index in 0..<1_000_000 {
      withUnsafeBytes(of: UInt64(index) &* 0x9E37_79B9_7F4A_7C15) { key in
        table.find(key) { value in
          if value.loadUnaligned(as: UInt64.self) == UInt64(index) { found += 1 }
        }
      }
    }
    #expect(found == 1_000_000)
    #expect(find(table, [1, 2, 3]) == nil)
  }

  @Test func keysOfEveryLength() {
    let builder = LookupTableBuilder()
    var reference: [[UInt8]: [UInt8]] = [:]
    for length in 0..<300 {
      for variant in 0..<3 {
        var key = [UInt8](repeating: 7, count: length)
        if length > 0 { key[length - 1] = UInt8(variant) }
        let isNew = reference[key] == nil
        let value = [UInt8](repeating: UInt8(length & 0xFF), count: variant)
        if isNew { reference[key] = value }
        let inserted = key.withUnsafeBytes { key in
          value.withUnsafeBytes { builder.insert(key: key, value: $0) }
        }
        #expect(inserted == isNew)
      }
    }
    let table = builder.finish()
    #expect(table.count == reference.count)
    for (key, value) in reference { #expect(find(table, key) == value) }
  }

  @Test func theFirstOfTwoEqualKeysStays() {
    let builder = LookupTableBuilder()
    #expect(builder.insert(key: "a", value: [1]))
    #expect(!builder.insert(key: "a", value: [2]))
    #expect(builder.count == 1)
    #expect(find(builder.finish(), Array("a".utf8)) == [1])
  }

  @Test func manyThreadsRead() {
    let builder = LookupTableBuilder()
    for index in 0..<10_000 { builder.insert(key: "k\(index)", value: [UInt8(index & 0xFF)]) }
    let table = builder.finish()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for index in 0..<10_000 {
        let value = Array("k\(index)".utf8).withUnsafeBytes { table.find($0) { $0.first } }
        #expect(value == UInt8(index & 0xFF))
      }
    }
  }
}
