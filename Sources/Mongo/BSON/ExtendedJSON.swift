/// Extended JSON, version 2: the text form of BSON that MongoDB's tools share.
public struct ExtendedJSON: Sendable {
  /// How much of a value's type the text keeps.
  public enum Mode: Sendable {
    /// Every type survives: an int32 1 is `{"$numberInt":"1"}`.
    case canonical
    /// Numbers and the dates of the years 1970 to 9999 are written as people read them.
    case relaxed
  }

  /// How text that is not UTF-8 is written, which JSON cannot represent.
  public enum InvalidText: Sendable {
    /// The document is refused with the offset of the byte.
    case refuse
    /// U+FFFD replaces the bytes.
    case replace
  }

  public let mode: Mode
  public let invalidText: InvalidText

  public init(_ mode: Mode, invalidText: InvalidText = .refuse) {
    self.mode = mode
    self.invalidText = invalidText
  }

  /// Returns a document's text, on one line and without spaces.
  public func text(of document: BSONDocument) throws(BSONError) -> String {
    var bytes: [UInt8] = []
    try document.withView { view throws(BSONError) in try append(view, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns a value's text.
  public func text(of value: BSONValue) throws(BSONError) -> String {
    let document: BSONDocument = ["": value]
    var writer = ExtendedJSONWriter(format: self)
    try document.withUnsafeBytes { raw throws(BSONError) in try writer.writeFirstValue(of: raw) }
    return String(decoding: writer.output, as: UTF8.self)
  }

  /// Appends a document's text to a buffer; on an error the buffer is left as it was.
  public func append(_ document: DocumentView, to buffer: inout [UInt8]) throws(BSONError) {
    var writer = ExtendedJSONWriter(format: self)
    swap(&writer.output, &buffer)
    let before = writer.output.count
    defer { swap(&writer.output, &buffer) }
    do throws(BSONError) {
      try writer.write(document.bytes, isArray: false)
    } catch {
      writer.output.removeSubrange(before...)
      throw error
    }
  }

  /// Reads one document written in canonical or relaxed extended JSON, or in plain JSON.
  ///
  /// - Throws: what the text lacks; `BSONDocument` is made of nothing but a whole, sound document.
  public static func parse(_ text: String) throws(ExtendedJSONError) -> BSONDocument {
    try parse(Array(text.utf8))
  }

  /// Reads one document from the bytes of a text.
  public static func parse(_ text: [UInt8]) throws(ExtendedJSONError) -> BSONDocument {
    var parser = ExtendedJSONParser(text)
    let document = try parser.parseDocument()
    // Wrappers like `$date` nest in text and not in bytes, so the depth is measured on the bytes.
    guard (try? BSONDocument(bytes: document.bytes)) != nil else {
      throw ExtendedJSONError(reason: "nested too deeply", offset: 0)
    }
    return document
  }
}

/// Why a text is not extended JSON, and at which of its bytes.
public struct ExtendedJSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public let reason: String
  public let offset: Int
  public var description: String { "not extended JSON: \(reason), at byte \(offset)" }
}
