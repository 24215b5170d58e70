/// Finds out whether bytes are UTF-8 before a parser relies on it.
package enum UTF8Check {
  /// Returns the offset of the first byte that is not UTF-8; nil when all is well.
  static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  /// Returns the error to report for bytes that are not UTF-8; nil when all is well.
  @inlinable package static func error(in bytes: [UInt8], file: String?) -> ParseError? {
    guard let offset = firstInvalidOffset(in: bytes) else { return nil }
    var cursor = TextCursor(bytes)
    while cursor.offset < offset { cursor.advance() }
    let found = "byte 0x" + String(bytes[offset], radix: 16, uppercase: true)
    return ParseError(
      file: file, position: cursor.position, expected: "text in UTF-8", found: found)
  }
}
