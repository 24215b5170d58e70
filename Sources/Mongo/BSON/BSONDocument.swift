/// A document that owns its bytes.
///
/// The order of fields, fields of the same name, and every byte are kept. Two documents are equal
/// when their bytes are. Use it for commands, options and documents that are quarantined; rows on
/// their way are read through `DocumentView`, which copies nothing.
public struct BSONDocument: Hashable, Sendable {
  /// The encoded document, whose structure has been checked at every level.
  public let bytes: [UInt8]

  /// Makes an empty document.
  public init() { self.init(trusted: [5, 0, 0, 0, 0]) }

  /// Encodes fields in the order given.
  public init(_ fields: some Sequence<(String, BSONValue)>) {
    var builder = BSONBuilder()
    for (key, value) in fields { builder.append(key, value) }
    self = builder.document
  }

  /// Takes encoded bytes after checking them at every level.
  ///
  /// - Throws: what is wrong, and at which byte.
  public init(bytes: [UInt8], checkingText: Bool = false) throws(BSONError) {
    try bytes.withRawBytes { raw throws(BSONError) in
      try BSONValidator(raw, checksText: checkingText).validate()
    }
    self.bytes = bytes
  }

  /// Copies encoded bytes that a C library or a buffer lends, after checking them at every level.
  public init(copying raw: UnsafeRawBufferPointer, checkingText: Bool = false) throws(BSONError) {
    try BSONValidator(raw, checksText: checkingText).validate()
    bytes = Array(raw)
  }

  /// Takes bytes that are known to be sound: built here, or cut from a checked document.
  init(trusted bytes: [UInt8]) { self.bytes = bytes }

  /// Lends the encoded bytes; they must not be used after the closure returns.
  public func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try bytes.withRawBytes(body)
  }

  /// Lends a view; it must not be used after the closure returns.
  public func withView<R, E: Error>(_ body: (DocumentView) throws(E) -> R) throws(E) -> R {
    try bytes.withRawBytes { raw throws(E) in try body(DocumentView(unchecked: raw)) }
  }

  /// The value of the first field of that name.
  public subscript(key: String) -> BSONValue? {
    let wanted = Array(key.utf8)
    return first { $0.key.bytes == wanted }?.value
  }

  /// The value at a path of nested names, such as `["cursor", "id"]`.
  public subscript(path: [String]) -> BSONValue? {
    guard let name = path.first, let value = self[name] else { return nil }
    return path.count == 1 ? value : value.documentValue?[Array(path.dropFirst())]
  }

  /// Whether the document has no field.
  public var isEmpty: Bool { bytes.count == 5 }
}

extension BSONDocument: Sequence {
  /// A field: its key, and its value.
  public typealias Element = (key: BSONText, value: BSONValue)

  public func makeIterator() -> Iterator { Iterator(bytes: bytes) }

  /// Decodes one field after the other.
  public struct Iterator: IteratorProtocol {
    private let bytes: [UInt8]
    private var offset = 4

    init(bytes: [UInt8]) { self.bytes = bytes }

    public mutating func next() -> BSONDocument.Element? {
      bytes.withUnsafeBytes { raw in
        var cursor = ElementCursor(raw, from: offset, to: raw.count - 1)
        // The bytes were checked when the document was made, so there is no error to ignore here.
        guard let element = try? cursor.next() else { return nil }
        offset = element.value.upperBound
        return BSONDecoding.field(element, in: raw)
      }
    }
  }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, BSONValue)...) { self.init(elements) }
}

/// Builds a document field by field.
public struct BSONBuilder: Sendable {
  private var bytes: [UInt8] = [0, 0, 0, 0]

  public init() {}

  /// Adds a field behind the others; a name may come twice.
  ///
  /// - Precondition: the key holds no NUL, which BSON cannot express there.
  public mutating func append(_ key: String, _ value: BSONValue) {
    append(BSONText(key), value)
  }

  /// Adds a field whose key need not be UTF-8.
  public mutating func append(_ key: BSONText, _ value: BSONValue) {
    BSONEncoding.append(key: key, value, to: &bytes)
  }

  /// The document of the fields so far.
  public var document: BSONDocument {
    var finished = bytes
    finished.append(0)
    var length: [UInt8] = []
    BSONEncoding.append(Int32(finished.count), to: &length)
    finished.replaceSubrange(0..<4, with: length)
    return BSONDocument(trusted: finished)
  }
}

/// An array: a document whose keys ought to be 0, 1, 2 and so on.
///
/// The keys are kept as they came, and never trusted: elements count by their place.
public struct BSONArray: Hashable, Sendable, Sequence, ExpressibleByArrayLiteral {
  /// The array as the document that it is stored as.
  public let document: BSONDocument

  public init(stored document: BSONDocument) { self.document = document }

  public init(_ values: some Sequence<BSONValue>) {
    var builder = BSONBuilder()
    for (index, value) in values.enumerated() { builder.append(String(index), value) }
    document = builder.document
  }

  public init(arrayLiteral elements: BSONValue...) { self.init(elements) }

  public func makeIterator() -> Iterator { Iterator(fields: document.makeIterator()) }

  /// Decodes one element after the other.
  public struct Iterator: IteratorProtocol {
    var fields: BSONDocument.Iterator
    public mutating func next() -> BSONValue? { fields.next()?.value }
  }
}
