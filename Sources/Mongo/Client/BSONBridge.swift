import CMongoDriver

// `bson_t` is declared with an alignment that Swift cannot import, so it is only ever seen as an
// `OpaquePointer` to 128 bytes, aligned to 128: https://mongoc.org/libbson/current/bson_t.html

private let bsonSize = 128

extension BSONDocument {
  /// Lends the document as a read-only `bson_t` for the length of the call.
  func withBSON<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    let space = UnsafeMutableRawPointer.allocate(byteCount: bsonSize, alignment: bsonSize)
    defer { space.deallocate() }
    return withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      // It is refused only when its length is wrong, which a BSONDocument's never is.
      bson_init_static(OpaquePointer(space), start, bytes.count)
      return body(OpaquePointer(space))
    }
  }
}

/// Owns a reply that the driver fills in.
final class Reply {
  private let storage: UnsafeMutableRawPointer

  /// What the driver's functions take as `bson_t *reply`.
  var pointer: OpaquePointer { OpaquePointer(storage) }

  /// Has the driver fill in a reply.
  ///
  /// - Parameter fill: may initialise the `bson_t` that it is given, which is an empty one already,
  ///   in case that the driver leaves it as it is.
  init(filledBy fill: (OpaquePointer) -> Void) {
    storage = .allocate(byteCount: bsonSize, alignment: bsonSize)
    bson_init(OpaquePointer(storage))
    fill(OpaquePointer(storage))
  }

  deinit {
    bson_destroy(OpaquePointer(storage))
    storage.deallocate()
  }

  /// The encoded reply, valid as long as this object.
  var bytes: UnsafeRawBufferPointer { Self.bytes(of: pointer) }

  /// Copies the reply, checking it on the way.
  func document(operation: String) throws(MongoError) -> BSONDocument {
    do {
      return try BSONDocument(copying: bytes)
    } catch {
      throw MongoError.damagedReply("\(error)", operation: operation)
    }
  }

  /// Views the bytes of a document that belongs to the driver.
  static func bytes(of document: OpaquePointer) -> UnsafeRawBufferPointer {
    guard let start = bson_get_data(document) else { return .init(start: nil, count: 0) }
    let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return UnsafeRawBufferPointer(start: start, count: Int(UInt32(littleEndian: length)))
  }

  /// The labels of errors that the driver and its callers know.
  var errorLabels: [String] {
    ["TransientTransactionError", "RetryableWriteError", "UnknownTransactionCommitResult"]
      .filter { mongoc_error_has_label(pointer, $0) }
  }
}
