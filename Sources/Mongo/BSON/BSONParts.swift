/// Bytes with the subtype that says what they are.
public struct BSONBinary: Hashable, Sendable {
  /// The subtype of the oldest servers, whose bytes are stored behind a second length.
  static let oldSubtype: UInt8 = 2

  public let subtype: UInt8
  public let bytes: [UInt8]

  public init(subtype: UInt8 = 0, bytes: [UInt8]) {
    self.subtype = subtype
    self.bytes = bytes
  }
}

/// A regular expression with its options.
///
/// - Precondition: neither holds a NUL, which BSON cannot express there.
public struct BSONRegex: Hashable, Sendable {
  public let pattern: BSONText
  public let options: BSONText

  public init(pattern: BSONText, options: BSONText = "") {
    precondition(!pattern.containsNUL && !options.containsNUL, "a BSON regex cannot hold a NUL")
    self.pattern = pattern
    self.options = options
  }
}

/// The deprecated reference to a document: a namespace and an id.
public struct BSONPointer: Hashable, Sendable {
  public let namespace: BSONText
  public let id: ObjectID

  public init(namespace: BSONText, id: ObjectID) {
    self.namespace = namespace
    self.id = id
  }
}

/// The replication clock: a second and a count within it.
public struct BSONTimestamp: Hashable, Sendable, Comparable {
  public let seconds: UInt32
  public let increment: UInt32

  public init(seconds: UInt32, increment: UInt32) {
    self.seconds = seconds
    self.increment = increment
  }

  /// Takes apart the 64 bits that a document stores.
  public init(bits: UInt64) {
    seconds = UInt32(truncatingIfNeeded: bits >> 32)
    increment = UInt32(truncatingIfNeeded: bits)
  }

  /// The 64 bits that a document stores.
  public var bits: UInt64 { UInt64(seconds) << 32 | UInt64(increment) }

  public static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }
}
