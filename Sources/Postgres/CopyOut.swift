import CPostgres

/// A COPY from the server to this program, row by row, until its end or `cancel`.
///
/// It owns the connection meanwhile. Dropping it before the end cancels it. The
/// end of the data is believed only when the server has said that the COPY
/// succeeded and the rows are as many as it counted.
public final class CopyOut {
  private enum State { case beginning, rows, trailerSeen, ended }

  private let handle: LibpqHandle
  private var state = State.beginning
  /// Whether the statement asked for the binary format.
  public let isBinary: Bool
  /// How many columns a row has.
  public let columnCount: Int
  /// How many rows have come so far; in CSV with a header line, that counts too.
  public private(set) var rowCount = 0

  init(_ handle: LibpqHandle, isBinary: Bool, columnCount: Int) {
    self.handle = handle
    self.isBinary = isBinary
    self.columnCount = columnCount
  }

  deinit { if state != .ended { try? cancel() } }

  /// Lends the next row, and returns false once all have come.
  ///
  /// A text row has its line break at the end; a binary one is for
  /// `BinaryRowReader`. The bytes must not be kept beyond the closure.
  ///
  /// - Throws: Whatever the server reports, `connectionLost` or `copyDamaged`.
  ///   The copy has ended then, and the rows so far are not all.
  public func next(_ body: (UnsafeRawBufferPointer) -> Void) throws(PostgresError) -> Bool {
    guard state != .ended else { return false }
    do throws(PostgresError) {
      while true {
        var data: UnsafeMutablePointer<CChar>?
        let length = try receive(&data)
        defer { PQfreemem(data) }
        guard let data, length > 0 else {
          leave()
          return false
        }
        let message = UnsafeRawBufferPointer(start: data, count: length)
        if let row = try isBinary ? binaryRow(message) : message {
          rowCount += 1
          body(row)
          return true
        }
      }
    } catch {
      if error.kind != .busy { leave() }
      throw error
    }
  }

  /// Lends all rows one after the other.
  ///
  /// If the body throws, the copy is cancelled and that error thrown.
  public func forEachRow(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var stop: (any Error)?
    while stop == nil {
      let more = try next { row in
        do { try body(row) } catch { stop = error }
      }
      if !more { break }
    }
    guard let stop else { return }
    try? cancel()
    throw stop
  }

  /// Ends the copy before its end and throws away what is still on the way.
  ///
  /// Inside a transaction the transaction has failed with it.
  public func cancel() throws(PostgresError) {
    guard state != .ended else { return }
    defer { leave() }
    try handle.lendToStream(.copyOut) { connection throws(PostgresError) in
      if let request = PQgetCancel(connection) {
        try? CancelHandle(owning: request).send()
      }
      ResultReading.discardCopyData(connection)
      do throws(PostgresError) { _ = try ResultReading.ofCopy(connection, .copyOut) } catch {
        // The cancel's own effect, or another reason why the copy would have failed.
        guard error.kind == .server else { throw error }
      }
    }
  }

  /// Takes one message; returns its length, zero at the confirmed end.
  private func receive(
    _ data: inout UnsafeMutablePointer<CChar>?
  ) throws(PostgresError) -> Int {
    var received: UnsafeMutablePointer<CChar>?
    let length = try handle.lendToStream(.copyOut) { connection throws(PostgresError) in
      let length = PQgetCopyData(connection, &received, 0)
      if length > 0 { return Int(length) }
      try confirmEnd(connection, ended: length == -1)
      return 0
    }
    data = received
    return length
  }

  /// Both -1 and -2 may mean a failure; the results show which.
  private func confirmEnd(_ connection: OpaquePointer, ended: Bool) throws(PostgresError) {
    let reason = firstLine(String(cString: PQerrorMessage(connection)))
    guard let result = try ResultReading.ofCopy(connection, .copyOut), ended else {
      throw PostgresError(.copyOut, .copyDamaged, reason.isEmpty ? "the copy ended early" : reason)
    }
    if isBinary && state != .trailerSeen {
      throw PostgresError(.copyOut, .copyDamaged, "the copy ended without its trailer")
    }
    let complete = isBinary ? rowCount == result.affectedRows : rowCount >= result.affectedRows
    guard complete else {
      throw PostgresError(
        .copyOut, .copyDamaged,
        "the server sent \(result.affectedRows) rows, and \(rowCount) arrived")
    }
  }

  /// Returns the row in a message; nil if it has the frame of the format alone.
  ///
  /// The server sends the header in front of the first row, in one message with
  /// it, and the trailer in a message of its own, or behind the header alone.
  private func binaryRow(
    _ message: UnsafeRawBufferPointer
  ) throws(PostgresError) -> UnsafeRawBufferPointer? {
    var row = message
    if state == .beginning {
      guard let length = BinaryCopyFormat.headerLength(message) else {
        throw PostgresError(.copyOut, .copyDamaged, "the copy starts without its header")
      }
      row = UnsafeRawBufferPointer(rebasing: message.dropFirst(length))
      state = .rows
      if row.isEmpty { return nil }
    }
    guard state == .rows else {
      throw PostgresError(.copyOut, .copyDamaged, "rows arrived after the end of the copy")
    }
    if row.count == 2, row[0] == 0xFF, row[1] == 0xFF {
      state = .trailerSeen
      return nil
    }
    return row
  }

  private func leave() {
    state = .ended
    handle.endStreaming()
  }
}

extension Connection {
  /// Begins a `COPY … TO STDOUT`.
  public func copyOut(_ sql: String) throws(PostgresError) -> CopyOut {
    try Self.checkNUL(sql)
    let result = try beginCopy(.copyOut, expecting: PGRES_COPY_OUT) { PQexec($0, sql) }
    return CopyOut(handle, isBinary: result.isBinary, columnCount: result.columnCount)
  }
}

extension Connection {
  /// Begins a `COPY … TO STDOUT` in which SQL of a plan finds names along the session's own path.
  public func copyOutOnOwnPath(_ sql: String) throws(PostgresError) -> CopyOut {
    try copyOut(along(facts.ownPath, sql))
  }
}
