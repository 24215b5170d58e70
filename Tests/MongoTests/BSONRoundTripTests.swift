import Mongo
import Testing

@Suite("BSON values")
struct BSONRoundTripTests {
  @Test("every type decodes and encodes to the same bytes", arguments: sampleValues.map(\.name))
  func roundTrip(name: String) throws {
    let value = try #require(sampleValues.first { $0.name == name }?.value)
    let document: BSONDocument = ["x": value, "after": 1]
    let read = try BSONDocument(bytes: document.bytes)
    #expect(read["x"] == value)
    #expect(read["x"]?.type == value.type)
    #expect(read["after"] == 1)
    #expect(BSONDocument(read.compactMap { ($0.key.string ?? "", $0.value) }) == document)
  }

  @Test("the samples cover every type")
  func coverage() {
    #expect(Set(sampleValues.map(\.value.type)) == Set(BSONType.allCases))
  }

  @Test("a literal keeps its order and picks int32 where the number fits")
  func literal() {
    let document: BSONDocument = ["find": "x", "limit": 5, "big": 5_000_000_000]
    #expect(document.map(\.key.description) == ["find", "limit", "big"])
    #expect(document["limit"] == .int32(5))
    #expect(document["big"] == .int64(5_000_000_000))
    #expect(document["none"] == nil)
  }

  @Test("fields of one name are all kept, and the first is found")
  func duplicates() throws {
    let document: BSONDocument = ["a": 1, "a": 2]
    #expect(Array(document).count == 2)
    #expect(document["a"] == 1)
  }

  @Test("a view walks the same fields as the decoder, and copies the same values")
  func walking() throws {
    let walker = DocumentWalker(capacity: 1)
    let decoded = Array(sampleDocument)
    try sampleDocument.withView { view in
      let fields = try walker.walk(view)
      #expect(fields.count == decoded.count)
      for (field, expected) in zip(fields, decoded) {
        #expect(Array(field.key) == expected.key.bytes)
        #expect(field.type == expected.value.type)
        #expect(try field.copy() == expected.value)
      }
    }
  }

  @Test("a view gives numbers, text and bytes without decoding")
  func viewAccess() throws {
    let walker = DocumentWalker()
    try sampleDocument.withView { view in
      var seen = 0
      for (field, sample) in zip(try walker.walk(view), sampleValues) {
        switch sample.value {
        case .int32(let number): #expect(field.payload == Int64(number))
        case .int64(let number), .date(let number): #expect(field.payload == number)
        case .double(let number): #expect(field.double.bitPattern == number.bitPattern)
        case .bool(let value): #expect(field.payload == (value ? 1 : 0))
        case .string(let text), .symbol(let text): #expect(Array(field.text) == text.bytes)
        case .binary(let binary):
          #expect(Array(field.binary) == binary.bytes)
          #expect(field.binarySubtype == binary.subtype)
        case .objectID(let id): #expect(field.objectID == id)
        case .document(let document): #expect(Array(field.document.bytes) == document.bytes)
        default: continue
        }
        seen += 1
      }
      #expect(seen > 20)
    }
  }

  @Test("an ObjectId reads both cases of hex and refuses the rest")
  func objectID() {
    #expect(ObjectID("65A1b2c3d4e5f60718293a4b")?.description == "65a1b2c3d4e5f60718293a4b")
    #expect(ObjectID("65a1b2c3d4e5f60718293a4b")?.seconds == 0x65a1_b2c3)
    for bad in [
      "", "65a1b2c3d4e5f60718293a4", "65a1b2c3d4e5f60718293a4bff", "z5a1b2c3d4e5f60718293a4b",
    ] {
      #expect(ObjectID(bad) == nil)
    }
  }
}
