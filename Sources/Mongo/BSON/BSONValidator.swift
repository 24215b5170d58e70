/// Checks a whole document: its structure at every level, and its text if that is wanted.
struct BSONValidator {
  private let bytes: UnsafeRawBufferPointer
  private let checksText: Bool

  init(_ bytes: UnsafeRawBufferPointer, checksText: Bool) {
    self.bytes = bytes
    self.checksText = checksText
  }

  func validate() throws(BSONError) { try validate(0..<bytes.count, depth: 1) }

  private func validate(_ document: Range<Int>, depth: Int) throws(BSONError) {
    guard depth <= BSONLimits.depth else { throw BSONError(.tooDeep, at: document.lowerBound) }
    var cursor = try ElementCursor(bytes, document: document)
    while let element = try cursor.next() {
      if checksText { try checkText(of: element) }
      switch element.type {
      case .document, .array: try validate(element.value, depth: depth + 1)
      case .javascriptWithScope:
        try validate(BSONDecoding.scope(of: element, in: bytes), depth: depth + 1)
      default: continue
      }
    }
  }

  private func checkText(of element: BSONElement) throws(BSONError) {
    try checkText(element.key)
    switch element.type {
    case .string, .javascript, .symbol, .dbPointer:
      try checkText(BSONDecoding.text(at: element.value.lowerBound, in: bytes))
    case .javascriptWithScope:
      try checkText(BSONDecoding.text(at: element.value.lowerBound + 4, in: bytes))
    case .regex: try checkText(element.value)
    default: return
    }
  }

  private func checkText(_ range: Range<Int>) throws(BSONError) {
    if let offset = UTF8Check.firstError(in: UnsafeRawBufferPointer(rebasing: bytes[range])) {
      throw BSONError(.badUTF8, at: range.lowerBound + offset)
    }
  }
}

/// Returns whether bytes are UTF-8.
public enum UTF8Check {
  /// Returns the offset of the first byte that no UTF-8 text can hold there, or nil.
  ///
  /// A NUL is valid UTF-8; look for it with `memchr` if the target cannot store it.
  public static func firstError(in bytes: UnsafeRawBufferPointer) -> Int? {
    let span = bytes.bindMemory(to: UInt8.self).span
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}
