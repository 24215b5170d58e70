/// One reply of the server with the documents in it, in place: nothing was copied out of it.
///
/// It owns its memory and may go to another thread, for example to be encoded there while the
/// next one is read.
public final class MongoBatch: @unchecked Sendable {
  // The reply is not changed any more once the batch exists.
  private let reply: Reply
  private let array: Range<Int>
  /// The cursor's number on the server; 0 when this is the last batch.
  let cursorID: Int64
  /// Where `getMore` must ask.
  let namespace: String?

  /// Finds the cursor's fields in a reply to `find`, `aggregate`, `getMore` and the like.
  init(_ reply: Reply, operation: String) throws(MongoError) {
    do {
      let parts = try ReplyParts(reply.bytes)
      guard let array = parts.array, let id = parts.id else {
        throw MongoError.damagedReply("no cursor", operation: operation)
      }
      self.reply = reply
      self.array = array
      cursorID = id
      namespace = parts.namespace
    } catch let error as MongoError {
      throw error
    } catch {
      throw MongoError.damagedReply("\(error)", operation: operation)
    }
  }

  /// How many bytes the documents take.
  public var byteCount: Int { array.count }

  /// Lends every document in turn; a view must not be used after the closure returns.
  ///
  /// - Throws: what the closure throws, or `BSONError` when the server sent damaged bytes.
  public func forEach(_ body: (DocumentView) throws -> Void) throws {
    var documents = try start()
    while let document = try documents.next() { try body(document) }
  }

  /// Counts the documents.
  public func count() throws(BSONError) -> Int {
    var documents = try start()
    var count = 0
    while try documents.next() != nil { count += 1 }
    return count
  }

  /// Starts at the first document.
  func start() throws(BSONError) -> BatchReader { try BatchReader(reply.bytes, array: array) }
}

/// Steps through a batch that someone else keeps alive.
struct BatchReader {
  private var elements: ElementCursor

  init(_ bytes: UnsafeRawBufferPointer, array: Range<Int>) throws(BSONError) {
    elements = try ElementCursor(bytes, document: array)
  }

  /// Lends the next document; it ends with the batch.
  mutating func next() throws(BSONError) -> DocumentView? {
    guard let element = try elements.next() else { return nil }
    guard element.type == .document else {
      throw BSONError(.badType, at: element.value.lowerBound)
    }
    return DocumentView(
      unchecked: UnsafeRawBufferPointer(rebasing: elements.bytes[element.value]))
  }
}

/// The parts of `{cursor: {firstBatch: […], id: 0, ns: "…"}}`.
private struct ReplyParts {
  var array: Range<Int>?
  var id: Int64?
  var namespace: String?

  init(_ bytes: UnsafeRawBufferPointer) throws(BSONError) {
    var top = try ElementCursor(bytes, document: 0..<bytes.count)
    while let element = try top.next() {
      guard element.type == .document, Self.key(element, bytes, is: "cursor") else { continue }
      var inner = try ElementCursor(bytes, document: element.value)
      while let part = try inner.next() { take(part, bytes) }
    }
  }

  private mutating func take(_ part: BSONElement, _ bytes: UnsafeRawBufferPointer) {
    switch part.type {
    case .array where Self.key(part, bytes, is: "firstBatch"): array = part.value
    case .array where Self.key(part, bytes, is: "nextBatch"): array = part.value
    case .int64 where Self.key(part, bytes, is: "id"):
      id = Int64(bitPattern: bytes.uint64(at: part.value.lowerBound))
    case .string where Self.key(part, bytes, is: "ns"):
      namespace = String(
        decoding: bytes[part.value].dropFirst(4).dropLast(), as: UTF8.self)
    default: break
    }
  }

  private static func key(
    _ element: BSONElement, _ bytes: UnsafeRawBufferPointer, is name: StaticString
  ) -> Bool {
    name.withUTF8Buffer { bytes[element.key].elementsEqual($0) }
  }
}
