/// Text as a document holds it: bytes that ought to be UTF-8 and may not be.
///
/// Two texts are equal when their bytes are, so "é" in one code point differs from "é" in two.
public struct BSONText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }
  public init(_ string: String) { bytes = Array(string.utf8) }
  public init(stringLiteral value: String) { self.init(value) }

  /// The text, or nil when its bytes are not UTF-8.
  public var string: String? { String(validating: bytes, as: UTF8.self) }

  /// Whether a NUL is in the text, which PostgreSQL cannot store.
  public var containsNUL: Bool { bytes.contains(0) }

  /// The text with U+FFFD in place of what is not UTF-8.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
