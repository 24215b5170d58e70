/// What is wrong with a document, and at which of its bytes.
public struct BSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of damage; open, so that a reader of a newer version can add kinds.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The bytes end before the value does.
    public static let truncated = Code(rawValue: "truncated")
    /// A length is negative, too small, or reaches beyond what holds it.
    public static let badLength = Code(rawValue: "bad-length")
    /// No BSON type has this type byte.
    public static let badType = Code(rawValue: "bad-type")
    /// A NUL byte that must end a document, string or key is not there, or comes too early.
    public static let missingTerminator = Code(rawValue: "missing-terminator")
    /// A boolean is neither 0 nor 1.
    public static let badBool = Code(rawValue: "bad-bool")
    /// A string or key is not UTF-8.
    public static let badUTF8 = Code(rawValue: "bad-utf8")
    /// Documents are nested deeper than `BSONLimits.depth`.
    public static let tooDeep = Code(rawValue: "too-deep")
  }

  public let code: Code
  /// The offset of the offending byte from the start of the outermost document.
  public let offset: Int

  public init(_ code: Code, at offset: Int) {
    self.code = code
    self.offset = offset
  }

  public var description: String { "\(explanation) at byte \(offset)" }

  var explanation: String {
    switch code {
    case .truncated: "the document ends too early"
    case .badLength: "a length does not fit"
    case .badType: "unknown type byte"
    case .missingTerminator: "a terminating NUL is missing"
    case .badBool: "a boolean is neither 0 nor 1"
    case .badUTF8: "text is not valid UTF-8"
    case .tooDeep: "documents are nested too deep"
    default: code.rawValue
    }
  }

  /// Returns the same error with its offset counted from `base` bytes earlier.
  func shifted(by base: Int) -> BSONError { BSONError(code, at: offset + base) }
}

/// The bounds that every decoder here keeps.
public enum BSONLimits {
  /// How deep documents may be nested; MongoDB itself stops at 180.
  public static let depth = 200
  /// How long a document may be: MongoDB's 16 MiB, and the 16 KiB it allows itself beyond.
  public static let documentLength = 16 * 1024 * 1024 + 16 * 1024
}
