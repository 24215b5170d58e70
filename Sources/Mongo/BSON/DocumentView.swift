/// A document lent by a cursor, a dump or a buffer, read in place.
///
/// - Warning: The view and everything got from it point into memory that the lender owns. They
///   must not be kept beyond the call that lent them; copy with `copy()` what has to stay.
public struct DocumentView {
  /// The encoded document.
  public let bytes: UnsafeRawBufferPointer
  /// How many documents this one is in, itself counted.
  public let depth: Int

  /// Views bytes that ought to be a document; they are checked when they are walked.
  public init(unchecked bytes: UnsafeRawBufferPointer, depth: Int = 1) {
    self.bytes = bytes
    self.depth = depth
  }

  /// Checks structure at every level, and text too if that is wanted.
  public func validate(checkingText: Bool = true) throws(BSONError) {
    try BSONValidator(bytes, checksText: checkingText).validate()
  }

  /// Copies the document, after checking its structure at every level.
  public func copy() throws(BSONError) -> BSONDocument { try BSONDocument(copying: bytes) }
}
