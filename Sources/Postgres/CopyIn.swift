import CPostgres

/// A COPY from this program into a table, until `finish` or `abort`.
///
/// It owns the connection meanwhile. Dropping it unfinished aborts it: rows are
/// never loaded by accident. An error of the server shows with `finish`, not
/// before, because libpq reads answers only then; what is sent after the error
/// is thrown away by the server. So keep a COPY to a size that is worth it.
public final class CopyIn {
  private let handle: LibpqHandle
  private var isOpen = true
  /// Whether the statement asked for the binary format.
  public let isBinary: Bool
  /// How many columns a row has.
  public let columnCount: Int

  init(_ handle: LibpqHandle, isBinary: Bool, columnCount: Int) {
    self.handle = handle
    self.isBinary = isBinary
    self.columnCount = columnCount
  }

  deinit { if isOpen { try? abort("the copy was abandoned") } }

  /// Sends bytes of the stream, which may be cut anywhere.
  ///
  /// It blocks while the server does not keep up, which is the back pressure.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    try checkOpen()
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.longestMessage))
      try send(piece)
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Sends what a buffer holds and empties it.
  public func send(_ buffer: CopyBuffer) throws(PostgresError) {
    try buffer.withBytes { bytes throws(PostgresError) in try write(bytes) }
    buffer.removeAll()
  }

  /// Sends a buffer if it is full; to be called after each row.
  @inlinable
  public func sendIfFull(_ buffer: CopyBuffer) throws(PostgresError) {
    if buffer.isFull { try send(buffer) }
  }

  /// Ends the stream and returns how many rows the server took.
  public func finish() throws(PostgresError) -> Int {
    try end(message: nil)?.affectedRows ?? 0
  }

  /// Gives the copy up: the server takes none of its rows, and a transaction fails with it.
  ///
  /// The connection can be used again, after a rollback in a transaction.
  public func abort(_ reason: String) throws(PostgresError) {
    do throws(PostgresError) { _ = try end(message: reason) } catch {
      // This is the server's answer to the request itself.
      guard error.kind == .server else { throw error }
    }
  }

  /// libpq copies each message once; pieces of this size keep that copy small.
  private static let longestMessage = 4 << 20

  private func send(_ piece: UnsafeRawBufferPointer) throws(PostgresError) {
    do throws(PostgresError) {
      try handle.lendToStream(.copyIn) { connection throws(PostgresError) in
        let bytes = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard PQputCopyData(connection, bytes, Int32(piece.count)) != 1 else { return }
        // The reason that the server gave before it hung up comes as a result.
        _ = try ResultReading.ofCopy(connection, .copyIn)
        throw ResultReading.lossOrLibrary(connection, .copyIn)
      }
    } catch {
      // A call that met another one is not the end of the copy.
      if error.kind != .busy { leave() }
      throw error
    }
  }

  private func end(message: String?) throws(PostgresError) -> QueryResult? {
    try checkOpen()
    defer { leave() }
    return try handle.lendToStream(.copyIn) { connection throws(PostgresError) in
      // Should this fail, the results say why.
      _ = PQputCopyEnd(connection, message)
      return try ResultReading.ofCopy(connection, .copyIn)
    }
  }

  private func checkOpen() throws(PostgresError) {
    guard isOpen else { throw PostgresError(.copyIn, .closed, "the copy has ended") }
  }

  private func leave() {
    isOpen = false
    handle.endStreaming()
  }
}

extension Connection {
  /// Begins a `COPY … FROM STDIN`.
  public func copyIn(_ sql: String) throws(PostgresError) -> CopyIn {
    try Self.checkNUL(sql)
    return try copyIn(bytes: Array(sql.utf8))
  }

  /// Begins a `COPY … FROM STDIN` whose triggers, defaults and checks find names along the session's own path.
  ///
  /// - Parameter first: a statement of the program's own to run directly before, in the same round trip.
  public func copyInOnOwnPath(
    _ sql: String, after first: String? = nil
  ) throws(PostgresError) -> CopyIn {
    try copyIn(along(facts.ownPath, sql, after: first))
  }

  /// Begins a `COPY … FROM STDIN` whose names are in the session's encoding.
  public func copyIn(bytes: [UInt8]) throws(PostgresError) -> CopyIn {
    if bytes.contains(0) { throw .textWithNUL("the statement") }
    let result = try beginCopy(.copyIn, expecting: PGRES_COPY_IN) { connection in
      (bytes + [0]).withUnsafeBytes {
        PQexec(connection, $0.bindMemory(to: CChar.self).baseAddress)
      }
    }
    return CopyIn(handle, isBinary: result.isBinary, columnCount: result.columnCount)
  }

  func beginCopy(
    _ operation: PostgresError.Operation, expecting status: ExecStatusType,
    _ call: (OpaquePointer) -> OpaquePointer?
  ) throws(PostgresError) -> (isBinary: Bool, columnCount: Int) {
    try handle.lend(operation) { connection throws(PostgresError) in
      guard let result = call(connection) else {
        throw ResultReading.lossOrLibrary(connection, operation)
      }
      guard PQresultStatus(result) == status else {
        _ = try ResultReading.checked(result, connection, operation)
        throw PostgresError(
          operation, .unexpectedStatement, "the statement is not a COPY in that direction")
      }
      defer { PQclear(result) }
      handle.beginStreaming()
      return (PQbinaryTuples(result) != 0, Int(PQnfields(result)))
    }
  }
}
