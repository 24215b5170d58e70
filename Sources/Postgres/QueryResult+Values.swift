extension QueryResult {
  /// Returns a value as text; nil for null.
  ///
  /// Of a binary column it is the bytes read as UTF-8, right for texts alone.
  public func text(_ row: Int, _ column: Int) -> String? {
    withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
  }

  /// Returns an integer; nil for null, or if the value is none.
  public func int(_ row: Int, _ column: Int) -> Int? {
    let binary = isBinary(column)
    return withBytes(row, column) { bytes in
      binary ? BinaryField(bytes).int.map(Int.init) : Int(String(decoding: bytes, as: UTF8.self))
    } ?? nil
  }

  /// Returns a floating point number; nil for null, or if the value is none.
  public func double(_ row: Int, _ column: Int) -> Double? {
    let binary = isBinary(column)
    return withBytes(row, column) { bytes in
      binary ? BinaryField(bytes).double : Double(String(decoding: bytes, as: UTF8.self))
    } ?? nil
  }

  /// Returns a boolean; nil for null, or if the value is none.
  public func bool(_ row: Int, _ column: Int) -> Bool? {
    let binary = isBinary(column)
    return withBytes(row, column) { bytes -> Bool? in
      if binary { return BinaryField(bytes).bool }
      switch bytes.first {
      case UInt8(ascii: "t"): return true
      case UInt8(ascii: "f"): return false
      default: return nil
      }
    } ?? nil
  }

  /// Returns the bytes of a `bytea`, or of any binary value; nil for null or malformed text.
  public func bytes(_ row: Int, _ column: Int) -> [UInt8]? {
    let binary = isBinary(column)
    return withBytes(row, column) { bytes in
      binary ? Array(bytes) : bytesOfHexadecimal(bytes)
    } ?? nil
  }

  /// Returns the rows, one after the other.
  public var rows: some RandomAccessCollection<Row> {
    (0..<rowCount).lazy.map { Row(result: self, index: $0) }
  }

  /// One row of a result.
  public struct Row: Sendable {
    let result: QueryResult
    let index: Int

    /// Returns a value as text; nil for null.
    public func text(_ column: Int) -> String? { result.text(index, column) }
    /// Returns an integer; nil for null, or if the value is none.
    public func int(_ column: Int) -> Int? { result.int(index, column) }
    /// Returns a floating point number; nil for null, or if the value is none.
    public func double(_ column: Int) -> Double? { result.double(index, column) }
    /// Returns a boolean; nil for null, or if the value is none.
    public func bool(_ column: Int) -> Bool? { result.bool(index, column) }
    /// Returns the bytes of a `bytea`; nil for null or malformed text.
    public func bytes(_ column: Int) -> [UInt8]? { result.bytes(index, column) }
    /// Returns whether a value is null.
    public func isNull(_ column: Int) -> Bool { result.isNull(index, column) }
    /// Returns a value as text by the name of its column; nil for null or no such column.
    public func text(named name: String) -> String? {
      result.column(named: name).flatMap { text($0) }
    }
  }
}

/// Reads the `\x…` form of a bytea; the older "escape" form is not sent to our sessions.
private func bytesOfHexadecimal(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
  guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"),
    text[1] == UInt8(ascii: "x")
  else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 2 - 1)
  for index in stride(from: 2, to: text.count, by: 2) {
    guard let high = hexadecimalValue(text[index]), let low = hexadecimalValue(text[index + 1])
    else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}

private func hexadecimalValue(_ character: UInt8) -> UInt8? {
  switch character {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
  default: nil
  }
}
