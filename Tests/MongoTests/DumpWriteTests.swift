import Foundation
import Mongo
import TestSupport
import Testing

@Suite("Writing dumps")
struct DumpWriteTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The samples that Python's types can hold: it knows no old or odd spellings.
  static let foreign = BSONDocument(
    sampleValues.filter {
      ![
        "string that is not UTF-8", "undefined", "pointer", "symbol", "array with odd keys",
        "early date", "late date", "odd decimal", "string with NUL",
      ].contains($0.name)
    }.map { ($0.name, $0.value) })

  @Test("every type is read back to the byte", arguments: [false, true])
  func roundTrip(compressed: Bool) throws {
    let writer = try DumpWriter(folder: folder.path, compressed: compressed).collection("d", "c")
    for _ in 0..<500 { try writer.append(sampleDocument) }
    try sampleDocument.withView { try writer.append($0) }
    try writer.finish()
    #expect(writer.documentCount == 501)
    let dump = try Dump.open(folder.path)
    let read = try documents(dump, "d", "c", options: DumpReadOptions(checksText: false))
    #expect(read.count == 501)
    #expect(Set(read) == [sampleDocument])
  }

  @Test("Python reads what was written, documents and metadata", arguments: [false, true])
  func independentReader(compressed: Bool) throws {
    let metadata = DumpMetadata(
      options: ["capped": true, "size": 4096],
      indexes: [["v": 2, "key": ["_id": 1], "name": "_id_"]], uuid: "00ff", type: "collection")
    let writer = try DumpWriter(folder: folder.path, compressed: compressed)
      .collection("d", "a/b$c", metadata: metadata)
    try writer.append(Self.foreign)
    try writer.finish()
    let lines = try python("read", folder.path).split(separator: "\n").map(String.init)
    #expect(lines.count == 2)
    let stem = "d/a%2Fb%24c"
    let ours = try ExtendedJSON(.canonical).text(of: Self.foreign)
    #expect(try json(lines[0]) == json("[\"\(stem).bson\", \(ours)]"))
    let expected = #"""
      {"options":{"capped":true,"size":{"$numberInt":"4096"}},
      "indexes":[{"v":{"$numberInt":"2"},"key":{"_id":{"$numberInt":"1"}},"name":"_id_"}],
      "uuid":"00ff","collectionName":"a/b$c","type":"collection"}
      """#
    #expect(try json(lines[1]) == json("[\"\(stem).metadata.json\", \(expected)]"))
  }

  @Test("a view has metadata and no documents")
  func view() throws {
    let metadata = DumpMetadata(options: ["viewOn": "c", "pipeline": []], type: "view")
    let writer = try DumpWriter(folder: folder.path).collection("d", "v", metadata: metadata)
    #expect(throws: DumpError.self) { try writer.append(["a": 1]) }
    try writer.finish()
    #expect(try names() == ["v.metadata.json"])
    #expect(try Dump.open(folder.path).collection("d", "v").kind == .view)
  }

  @Test("a writer that does not finish leaves nothing, and nothing is overwritten")
  func unfinished() throws {
    let writer = DumpWriter(folder: folder.path)
    do {
      let unfinished = try writer.collection("d", "c")
      try unfinished.append(["a": 1])
    }
    #expect(try names().isEmpty)
    let first = try writer.collection("d", "c")
    try first.append(["a": 1])
    try first.finish()
    let error = #expect(throws: DumpError.self) { try writer.collection("d", "c") }
    #expect(error?.code == .exists)
    #expect(try documents(Dump.open(folder.path), "d", "c") == [["a": 1]])
  }

  @Test(
    "any name survives",
    arguments: ["plain", "a/b", "50%", "ü💾", "$x", String(repeating: "ä", count: 100), ".dots."])
  func names(name: String) throws {
    let writer = try DumpWriter(folder: folder.path).collection("d", name)
    try writer.append(["a": 1])
    try writer.finish()
    #expect(try Dump.open(folder.path).collections.map(\.name) == [name])
    #expect(try documents(Dump.open(folder.path), "d", name) == [["a": 1]])
  }

  @Test("a database cannot be a path", arguments: ["", ".", "..", "a/b", "../up"])
  func databaseNames(name: String) throws {
    #expect(throws: DumpError.self) { try DumpWriter(folder: folder.path).collection(name, "c") }
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path + "/d").sorted()
  }

  private func json(_ text: String) throws -> NSArray {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSArray)
  }
}
