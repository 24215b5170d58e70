import CMongo

/// Walks documents, one level in one call, into a table of fields that it uses again and again.
///
/// After the first few documents nothing is allocated. A level below needs a walker of its own,
/// because a walk ends the fields of the one before.
public final class DocumentWalker {
  private var table: FieldTable

  /// Makes a walker with space for that many fields at first; it grows as it must.
  public init(capacity: Int = 64) { table = FieldTable(capacity: max(capacity, 1)) }

  /// Reads the fields of one level.
  ///
  /// - Returns: the fields, which end with the next walk and with the document's own bytes.
  /// - Throws: what is wrong with this level, and at which of its bytes. Levels below are bounded
  ///   here and checked when they are walked.
  public func walk(_ document: DocumentView) throws(BSONError) -> FieldViews {
    guard document.depth <= BSONLimits.depth else { throw BSONError(.tooDeep, at: 0) }
    while true {
      var offset = 0
      let start = document.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let count = cmongo_walk(
        start, document.bytes.count, table.records.baseAddress, table.records.count, &offset)
      if count >= 0 {
        return FieldViews(table: table, count: count, depth: document.depth)
      }
      guard count == CMONGO_MORE else {
        throw diagnosis(of: document, libraryOffset: offset)
      }
      table = FieldTable(capacity: table.records.count * 2)
    }
  }

  /// Reads a refused level again with the cursor that can say why.
  private func diagnosis(of document: DocumentView, libraryOffset: Int) -> BSONError {
    do throws(BSONError) {
      var cursor = try ElementCursor(document.bytes, document: 0..<document.bytes.count)
      while try cursor.next() != nil {}
      return BSONError(.badLength, at: libraryOffset)
    } catch {
      return error
    }
  }
}
