import Foundation
import Mongo
import TestSupport
import Testing

@Suite("Damaged dumps")
struct DumpDamageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("an archive with a wrong checksum is refused, also when only that collection is read")
  func checksum() throws {
    let dump = try Dump.open(try DumpFixtures.path("archive-bad-crc"))
    let error = #expect(throws: DumpError.self) { try documents(dump, "shop", "orders") }
    #expect(error?.code == .badChecksum)
    #expect(throws: DumpError.self) { try dump.readAll(options: .init()) { _, _ in } }
  }

  @Test("an archive cut anywhere is refused", arguments: [0, 3, 4, 40, 400, 5000, 50_000, -1, -5])
  func cutArchive(at place: Int) throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: try DumpFixtures.path("archive")))
    let path = try write("cut", whole.prefix(place >= 0 ? place : whole.count + place))
    #expect(throws: DumpError.self) {
      try Dump.open(path).readAll(options: .init()) { _, _ in }
    }
  }

  @Test("a gzip file cut anywhere is refused", arguments: [1, 5, 12, 100, -1, -9, -200])
  func cutGzip(at place: Int) throws {
    let source = try DumpFixtures.path("compressed/shop/users.bson.gz")
    let whole = try Data(contentsOf: URL(fileURLWithPath: source))
    let cut = whole.prefix(place >= 0 ? place : whole.count + place)
    _ = try write("users.bson.gz", cut)
    #expect(throws: DumpError.self) {
      try Dump.open(folder.path).readAll(options: .init()) { _, _ in }
    }
  }

  @Test("a flipped bit in gzip data never goes unseen")
  func gzipBits() throws {
    let source = try DumpFixtures.path("compressed/shop/users.bson.gz")
    let whole = try Data(contentsOf: URL(fileURLWithPath: source))
    // The header holds flags, time and system, which no checksum covers.
    for place in stride(from: 20, to: whole.count / 2 - 20, by: 37) {
      var changed = whole
      changed[place] ^= 0x10
      _ = try write("users.bson.gz", changed)
      #expect(throws: DumpError.self, "byte \(place)") {
        try Dump.open(folder.path).readAll(options: .init()) { _, _ in }
      }
    }
  }

  @Test("damage in a document names the byte in the file")
  func place() throws {
    let good: BSONDocument = ["a": 1]
    var bad = good.bytes
    bad[4] = 0x55
    let path = try write("c.bson", Data(good.bytes + good.bytes + bad))
    let error = #expect(throws: DumpError.self) {
      try Dump.open(folder.path).readAll(options: .init()) { _, _ in }
    }
    let offset = Int64(good.bytes.count * 2 + 4)
    #expect(error?.code == .badDocument)
    #expect(error?.file == path)
    #expect(error?.offset == offset)
    #expect(error?.document == BSONError(.badType, at: Int(offset)))
    #expect(error?.isDecompressedOffset == false)
  }

  @Test(
    "wrong lengths are refused at once",
    arguments: [Int32(4), 0, -1, .min, .max, 17 * 1024 * 1024, 1000])
  func lengths(length: Int32) throws {
    let good: BSONDocument = ["a": 1]
    let prefix = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    _ = try write("c.bson", Data(good.bytes + prefix + good.bytes.dropFirst(4)))
    let error = #expect(throws: DumpError.self) {
      try Dump.open(folder.path).readAll(options: .init()) { _, _ in }
    }
    #expect([.badDocument, .truncated].contains(error?.code))
  }

  @Test("text that is not UTF-8 is damage, unless that is left to the reader")
  func text() throws {
    let odd: BSONDocument = ["a": .string(BSONText(bytes: [0xFF]))]
    _ = try write("c.bson", Data(odd.bytes))
    let dump = try Dump.open(folder.path)
    let database = try #require(dump.collections.first?.database)
    let error = #expect(throws: DumpError.self) { try documents(dump, database, "c") }
    #expect(error?.document?.code == .badUTF8)
    #expect(
      try documents(dump, database, "c", options: DumpReadOptions(checksText: false)) == [odd])
  }

  @Test("damaged metadata names its file and byte")
  func metadata() throws {
    let path = try write("c.metadata.json", Data(#"{"options": {}, "indexes": [}"#.utf8))
    let error = #expect(throws: DumpError.self) { try Dump.open(folder.path) }
    #expect(error?.code == .badMetadata)
    #expect(error?.file == path)
    #expect(error?.offset == 28)
  }

  @Test("an archive whose blocks do not fit is refused")
  func blocks() throws {
    func archive(_ blocks: [[UInt8]]) -> Data {
      let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
      let list: BSONDocument = ["db": "d", "collection": "c", "metadata": "", "size": 0]
      let start: [UInt8] = [0x6D, 0xE2, 0x99, 0x81]
      return Data(start + BSONDocument().bytes + list.bytes + end + blocks.flatMap { $0 + end })
    }
    func header(_ name: String, end: Bool, crc: Int64 = 0) -> [UInt8] {
      let header: BSONDocument = [
        "db": "d", "collection": .init(name), "EOF": .bool(end), "CRC": .int64(crc),
      ]
      return header.bytes
    }
    let document: BSONDocument = ["a": 1]
    let cases: [(DumpError.Code, [[UInt8]])] = [
      (.truncated, []), (.truncated, [header("c", end: false)]),
      (.badArchive, [header("other", end: false)]),
      (.badArchive, [header("c", end: true), header("c", end: false)]),
      (.badArchive, [header("c", end: true) + document.bytes]),
      (.badArchive, [document.bytes]), (.badChecksum, [header("c", end: true, crc: 1)]),
    ]
    for (code, blocks) in cases {
      let path = try write("archive", archive(blocks))
      let error = #expect(throws: DumpError.self) {
        try Dump.open(path).readAll(options: .init()) { _, _ in }
      }
      #expect(error?.code == code)
    }
    let path = try write("archive", archive([header("c", end: true)]))
    #expect(try documents(Dump.open(path), "d", "c").isEmpty)
  }

  @Test("what is no dump is refused")
  func noDump() throws {
    #expect(throws: DumpError.self) { try Dump.open(folder.path) }
    #expect(throws: DumpError.self) { try Dump.open(folder.path + "/none") }
    let path = try write("text", Data("hello world".utf8))
    let error = #expect(throws: DumpError.self) { try Dump.open(path) }
    #expect(error?.code == .notADump)
  }

  private func write(_ name: String, _ data: Data) throws -> String {
    let path = folder.path + "/" + name
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }
}
