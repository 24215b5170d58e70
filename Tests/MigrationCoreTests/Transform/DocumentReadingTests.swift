import Foundation
import Mongo
import Postgres
import Testing

@testable import MigrationBasics
@testable import MigrationRows

/// The row program reads nothing but what is there.
@Suite struct DocumentReadingTests {
  @Test func damagedDocumentsAreRejected() throws {
    let bench = try DocumentBench([("c", Types.text, .source(["v"]))])
    let good: BSONDocument = ["_id": 1, "v": ["deep": ["a": 1]], "w": "text"]
    for cut in 0..<good.bytes.count {
      let bytes = Array(good.bytes.prefix(cut))
      bytes.withUnsafeBytes {
        #expect(bench.machine.run($0, into: bench.buffer) == .rejected)
      }
    }
    #expect(bench.machine.reject.reason == .corruptRow)
  }

  /// Random changes of bytes never read beyond the document, and never trap.
  @Test func changedBytesAreReadSafely() throws {
    let bench = try DocumentBench(
      [
        ("a", Types.jsonb, .source(["v"])), ("b", Types.textArray, .source(["list"])),
        ("c", Types.text, .part(.source(["v"]), path: ["deep", "a"])),
      ])
    let good: BSONDocument = [
      "_id": 1, "v": ["deep": ["a": 1.5, "r": .regex(BSONRegex(pattern: "a"))], "d": .date(5)],
      "list": ["x", "y"], "code": .javascriptWithScope("f", ["s": 1]),
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      // Exactly as large as it is, so that a sanitizer would see a read beyond.
      let space = UnsafeMutableRawBufferPointer.allocate(
        byteCount: good.bytes.count, alignment: 1)
      defer { space.deallocate() }
      space.copyBytes(from: good.bytes)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        space[Int.random(in: 0..<space.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      bench.buffer.removeAll()
      _ = bench.machine.run(UnsafeRawBufferPointer(space), into: bench.buffer)
    }
  }

  /// The row program's reading of BSON, held against the one that dumps and commands go through.
  @Test func bothReadingsOfBSONAgree() throws {
    let values = DocumentTypeCases.rows.flatMap { $0.cases.map(\.value) } + [.null, .undefined]
    let document = BSONDocument(values.enumerated().map { ("field\($0)", $1) })
    document.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      var scan = BSONScan(start, bytes.count)
      for field in document {
        let hasNext = scan.next()
        #expect(hasNext)
        #expect(scan.type == field.value.type.rawValue)
        let key = UnsafeRawBufferPointer(start: scan.key, count: scan.keyLength)
        #expect(key.elementsEqual(field.key.bytes))
        let alone: BSONDocument = ["": field.value]
        #expect(scan.valueLength == alone.bytes.count - 7)
      }
      let hasMore = scan.next()
      #expect(!hasMore)
      #expect(scan.isSound)
    }
  }

  /// What is kept of a document is what MongoDB's own tools would write of it.
  @Test func documentsAreKeptAsExtendedJSON() throws {
    let values = DocumentTypeCases.rows.flatMap { $0.cases.map(\.value) }.filter { value in
      (try? ExtendedJSON(.canonical).text(of: value)) != nil
    }
    #expect(values.count > 80)
    let document = BSONDocument(values.enumerated().map { ("field\($0)", $1) })
    let text = try ExtendedJSON(.canonical).text(of: document)
    #expect(document.withUnsafeBytes(DocumentJSON.value) == (try JSONValue.parse(text)))
  }
}
