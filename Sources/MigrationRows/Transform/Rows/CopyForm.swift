import MigrationBasics
import Postgres

/// The form in which a feed's rows are sent: binary, or text if a column's type has no binary
/// form here.
package enum CopyForm: Sendable {
  case binary, text

  /// A value of the program's own that is sent before the columns of a row.
  package enum Field {
    case number(Int)
    case json(String)
    case bytes([UInt8])
  }

  /// What is behind `COPY … FROM STDIN`.
  package var option: String { self == .binary ? "(FORMAT binary)" : "(FORMAT text)" }

  /// Writes what goes before the first row.
  package func begin(_ buffer: CopyBuffer) {
    if self == .binary { buffer.appendBinaryHeader() }
  }

  /// Writes what goes behind the last row.
  package func end(_ buffer: CopyBuffer) {
    if self == .binary { buffer.appendBinaryTrailer() }
  }

  /// Appends a row of this form with more columns before its own.
  package func append(_ row: UnsafeRawBufferPointer, behind fields: [Field], to buffer: CopyBuffer)
  {
    switch self {
    case .binary:
      let writer = BinaryRowWriter(buffer)
      writer.beginRow(fieldCount: BinaryRowReader(row).fieldCount + fields.count)
      for field in fields { Self.append(field, to: writer) }
      buffer.append(UnsafeRawBufferPointer(rebasing: row.dropFirst(2)))
    case .text:
      for field in fields { buffer.append(Self.text(field) + "\t") }
      buffer.append(row)
    }
  }

  private static func append(_ field: Field, to writer: BinaryRowWriter) {
    switch field {
    case .number(let number): writer.int4(Int32(truncatingIfNeeded: number))
    case .json(var text): text.withUTF8 { writer.jsonb(UnsafeRawBufferPointer($0)) }
    case .bytes(let bytes): bytes.withUnsafeBytes { writer.bytes($0) }
    }
  }

  private static func text(_ field: Field) -> String {
    switch field {
    case .number(let number): "\(number)"
    // Of what COPY reads otherwise, JSON without line breaks has only backslashes.
    case .json(let text): text.replacing("\\", with: "\\\\")
    case .bytes(let bytes): "\\\\x" + bytes.map(Fingerprint.digits).joined()
    }
  }
}
