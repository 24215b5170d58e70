import Mongo
import Testing

@Suite("BSON under every single flipped bit")
struct BSONPropertyTests {
  @Test("is refused, or is a document that encodes to the same bytes and is walked alike")
  func flippedBits() throws {
    let walker = DocumentWalker()
    var accepted = 0
    var refused = 0
    for place in sampleDocument.bytes.indices {
      for bit in 0..<8 {
        var bytes = sampleDocument.bytes
        bytes[place] ^= 1 << UInt8(bit)
        guard let document = try? BSONDocument(bytes: bytes) else {
          refused += 1
          continue
        }
        accepted += 1
        var builder = BSONBuilder()
        for (key, value) in document { builder.append(key, value) }
        #expect(builder.document.bytes == bytes, "byte \(place), bit \(bit)")
        let fields = try document.withView { try walker.walk($0).count }
        #expect(fields == Array(document).count, "byte \(place), bit \(bit)")
      }
    }
    #expect(accepted > 1000 && refused > 500)
  }

  @Test("every shorter piece of a document is refused")
  func everyCut() {
    for count in 0..<sampleDocument.bytes.count {
      #expect(throws: BSONError.self) {
        try BSONDocument(bytes: Array(sampleDocument.bytes.prefix(count)))
      }
    }
  }
}
