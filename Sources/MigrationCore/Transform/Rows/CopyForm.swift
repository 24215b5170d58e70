import Postgres

/// The form in which a feed's rows are sent: binary, or text where a column's type has no binary
/// form here.
enum CopyForm: Sendable {
  case binary, text

  /// What stands behind `COPY … FROM STDIN`.
  var option: String { self == .binary ? "(FORMAT binary)" : "(FORMAT text)" }

  /// Writes what goes before the first row.
  func begin(_ buffer: CopyBuffer) {
    if self == .binary { buffer.appendBinaryHeader() }
  }

  /// Writes what goes behind the last row.
  func end(_ buffer: CopyBuffer) {
    if self == .binary { buffer.appendBinaryTrailer() }
  }

  /// Appends a row of this form with a number as a first column more.
  func append(_ row: UnsafeRawBufferPointer, number: Int, to buffer: CopyBuffer) {
    switch self {
    case .binary:
      let writer = BinaryRowWriter(buffer)
      writer.beginRow(fieldCount: BinaryRowReader(row).fieldCount + 1)
      writer.int4(Int32(truncatingIfNeeded: number))
      buffer.append(UnsafeRawBufferPointer(rebasing: row.dropFirst(2)))
    case .text:
      buffer.append("\(number)\t")
      buffer.append(row)
    }
  }
}
