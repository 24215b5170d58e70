import CPostgres

/// Parameters laid out as PQexecParams takes them: columns of types, values, lengths, formats.
struct ParameterList {
  private var bytes: [UInt8] = []
  private var starts: [Int?] = []
  private var types: [Oid] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  var count: Int32 { Int32(types.count) }

  init(_ parameters: [(any ParameterConvertible)?]) throws(PostgresError) {
    guard parameters.count <= Int(UInt16.max) else {
      throw PostgresError(.query, .tooLarge, "a statement takes 65535 parameters at most")
    }
    for parameter in parameters { try append(parameter?.postgresParameter ?? .null) }
  }

  private mutating func append(_ parameter: Parameter) throws(PostgresError) {
    types.append(parameter.type.number)
    switch parameter.form {
    case .null: appendValue(start: nil, length: 0, format: 0)
    case .text(let text):
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      // libpq takes the length of a text from its first NUL and would cut it there.
      guard !bytes[start...].contains(0) else { throw .textWithNUL("a parameter") }
      appendValue(start: start, length: bytes.count - start, format: 0)
      bytes.append(0)
    case .binary(let value):
      guard value.count <= Int(Int32.max) else {
        throw PostgresError(.query, .tooLarge, "a parameter is longer than 2 GiB")
      }
      appendValue(start: bytes.count, length: value.count, format: 1)
      // The NUL gives an empty value at the end an address of its own; nil would mean null.
      bytes.append(contentsOf: value)
      bytes.append(0)
    }
  }

  private mutating func appendValue(start: Int?, length: Int, format: Int32) {
    starts.append(start)
    lengths.append(Int32(clamping: length))
    formats.append(format)
  }

  /// Lends the columns to libpq for one call.
  func lend<Value>(
    _ body: (
      _ types: UnsafePointer<Oid>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
      _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
    ) -> Value
  ) -> Value {
    bytes.withUnsafeBytes { storage in
      let values = starts.map { start in
        start.flatMap { storage.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      }
      return body(types, values, lengths, formats)
    }
  }
}

extension PostgresError {
  static func textWithNUL(_ what: String) -> PostgresError {
    PostgresError(.query, .textWithNUL, "\(what) holds a NUL byte")
  }
}
