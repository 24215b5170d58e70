/// Where the server looks for names without a schema: the one way in which the program writes it.
///
/// The system's names come first, so that nobody's function, operator or table of the same name is
/// used in their place. Names of the session's temporary schema come last; the server would take
/// them first if the path did not say so.
public struct SearchPath: Sendable, Hashable {
  /// The schemas as SQL has them.
  let text: String

  /// The system's names alone, which is enough for statements of the program.
  public static let catalog = SearchPath(text: "pg_catalog, pg_temp")

  /// Nothing: names that the server prints have their schema then.
  public static let empty = SearchPath(text: "''")

  private init(text: String) { self.text = text }

  /// Names of other schemas too, for SQL that a plan brings along.
  public init(reading schemas: [String]) throws(IdentifierError) {
    self.init(text: "pg_catalog, \(try SQL.identifiers(schemas)), pg_temp")
  }

  /// The path for statements that make objects without naming a schema, which go into the first.
  ///
  /// A path that does not name `pg_catalog` has it before all others.
  public init(creatingIn schemas: [String]) throws(IdentifierError) {
    self.init(text: "\(try SQL.identifiers(schemas)), pg_temp")
  }
}

extension Connection {
  /// Looks for names along a path until the transaction ends.
  public func use(_ path: SearchPath) throws(PostgresError) {
    try execute("SET LOCAL search_path = \(path.text)")
  }

  /// Runs a body that looks for names along a path, in a transaction or out of one.
  ///
  /// A failure needs no restoring in a transaction, whose rollback restores the setting too.
  public func withSearchPath<Value>(
    _ path: SearchPath, _ body: () throws -> Value
  ) throws -> Value {
    let setting = "pg_catalog.set_config('search_path', $1, false)"
    let before = try query("SELECT pg_catalog.current_setting('search_path')").text(0, 0) ?? ""
    try execute("SET search_path = \(path.text)")
    do {
      let value = try body()
      try query("SELECT \(setting)", [before])
      return value
    } catch {
      // The first failure is the one to tell.
      _ = try? query("SELECT \(setting)", [before])
      throw error
    }
  }
}
