import CPostgres

/// How the values of a result come over the wire.
public enum ValueFormat: Int32, Sendable {
  case text = 0
  case binary = 1
}

extension Connection {
  /// Runs one or several statements and returns the result of the last.
  ///
  /// Several statements are one transaction, unless they say otherwise.
  @discardableResult
  public func execute(_ sql: String) throws(PostgresError) -> QueryResult {
    try Self.checkNUL(sql)
    return try run { PQexec($0, sql) }
  }

  /// Runs several statements in one round trip and returns the result of each.
  ///
  /// They are one transaction, unless they say otherwise; the first error ends them all.
  public func executeAll(_ sql: String) throws(PostgresError) -> [QueryResult] {
    try Self.checkNUL(sql)
    return try handle.lend(.query) { connection throws(PostgresError) in
      guard PQsendQuery(connection, sql) == 1 else {
        throw ResultReading.lossOrLibrary(connection, .query)
      }
      return try ResultReading.all(connection, .query)
    }
  }

  /// Runs one statement in which SQL or code of the database's users has a part, such as a trigger, a
  /// default or a plan's condition: names are looked for along the session's own path.
  ///
  /// What the program has to say in such a statement, it says with the schema of operators and functions.
  ///
  /// - Parameter first: a statement of the program's own to run directly before, in the same round trip.
  @discardableResult
  public func executeOnOwnPath(
    _ sql: String, after first: String? = nil
  ) throws(PostgresError) -> QueryResult {
    let statements = along(facts.ownPath, sql, after: first)
    try Self.checkNUL(statements)
    return try handle.lend(.query) { connection throws(PostgresError) in
      guard PQsendQuery(connection, statements) == 1 else {
        throw ResultReading.lossOrLibrary(connection, .query)
      }
      let results = try ResultReading.all(connection, .query)
      let place = first == nil ? 1 : 2
      guard results.count == place + 2 else {
        throw PostgresError(.query, .unexpectedStatement, "expected exactly one statement")
      }
      return results[place]
    }
  }

  /// Runs one statement with values for its placeholders.
  ///
  /// For example:
  ///
  ///     try connection.query("select name from users where id = $1", [42])
  @discardableResult
  public func query(
    _ sql: String, _ parameters: [(any ParameterConvertible)?] = [], format: ValueFormat = .text
  ) throws(PostgresError) -> QueryResult {
    try Self.checkNUL(sql)
    let list = try ParameterList(parameters)
    return try run { connection in
      list.lend { types, values, lengths, formats in
        PQexecParams(
          connection, sql, list.count, types, values, lengths, formats, format.rawValue)
      }
    }
  }

  /// Runs one statement with its bytes unchanged, in the session's encoding.
  ///
  /// It goes by the protocol that takes a single statement: if the bytes hold more than one for the
  /// server, it refuses them all.
  @discardableResult
  public func runSingle(_ sql: [UInt8]) throws(PostgresError) -> QueryResult {
    if sql.contains(0) { throw .textWithNUL("the statement") }
    return try run { connection in
      (sql + [0]).withUnsafeBytes { bytes in
        PQexecParams(
          connection, bytes.bindMemory(to: CChar.self).baseAddress, 0, nil, nil, nil, nil, 0)
      }
    }
  }

  /// Has the server parse and plan a statement that is to run many times.
  public func prepare(
    _ sql: String, name: String, types: [TypeOID] = []
  ) throws(PostgresError) -> PreparedStatement {
    try Self.checkNUL(sql)
    try Self.checkNUL(name)
    let numbers = types.map(\.number)
    _ = try run { PQprepare($0, name, sql, Int32(numbers.count), numbers) }
    return PreparedStatement(name: name, connection: self)
  }

  /// Measures a round trip to the server with an empty statement.
  ///
  /// It works in a failed transaction too.
  public func ping() throws(PostgresError) -> Duration {
    let start = ContinuousClock.now
    try execute("")
    return start.duration(to: .now)
  }

  func run(_ call: (OpaquePointer) -> OpaquePointer?) throws(PostgresError) -> QueryResult {
    try handle.lend(.query) { connection throws(PostgresError) in
      try ResultReading.checked(call(connection), connection, .query)
    }
  }

  static func checkNUL(_ sql: String) throws(PostgresError) {
    if sql.utf8.contains(0) { throw .textWithNUL("the statement") }
  }
}

/// A statement that the server keeps ready under a name for one session.
public struct PreparedStatement: Sendable {
  public let name: String
  let connection: Connection

  /// Runs the statement with values for its placeholders.
  @discardableResult
  public func query(
    _ parameters: [(any ParameterConvertible)?] = [], format: ValueFormat = .text
  ) throws(PostgresError) -> QueryResult {
    let list = try ParameterList(parameters)
    return try connection.run { connection in
      list.lend { _, values, lengths, formats in
        PQexecPrepared(connection, name, list.count, values, lengths, formats, format.rawValue)
      }
    }
  }
}
