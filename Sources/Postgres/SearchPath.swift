/// Where the server looks for names without a schema: the one way in which the program writes it.
///
/// The system's names come first, so that no user's function, operator or table of the same name is
/// used in their place. Names of the session's temporary schema come last; the server would take
/// them first if the path did not say so.
public struct SearchPath: Sendable, Hashable {
  /// The schemas as SQL has them.
  let text: String

  /// The system's names alone, which is enough for statements of the program.
  public static let catalog = SearchPath(text: "pg_catalog, pg_temp")

  /// Nothing: names that the server prints have their schema then.
  public static let empty = SearchPath(text: "''")

  init(text: String) { self.text = text }

  /// Names of other schemas too, for SQL of a plan.
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

extension SearchPath {
  /// The path that server, database, role or URL give a session, for code that relies on it.
  ///
  /// `pg_catalog` is removed, which puts it before all others, wherever it stood. Objects without a
  /// schema are made in the first schema, as without this program.
  ///
  /// - Parameter system: what follows: the schemas of extensions, and the session's temporary schema.
  init(givenToSession list: String, system: SearchPath) {
    let own = Self.names(in: list).filter { !["pg_catalog", "pg_temp", ""].contains($0) }
    let quoted = own.compactMap { try? SQL.identifier($0) }
    self.init(text: (quoted + [system.text]).joined(separator: ", "))
  }

  /// Returns the names in a value of `search_path`; the server folds those that are not quoted.
  static func names(in list: String) -> [String] {
    var names: [String] = []
    var rest = Substring(list)
    while let first = rest.first(where: { !", \t\n".contains($0) }),
      let start = rest.firstIndex(of: first)
    {
      rest = rest[start...]
      if first == "\"" {
        names.append(quotedName(&rest))
      } else {
        let name = rest.prefix { !", \t\n".contains($0) }
        names.append(name.lowercased())
        rest = rest[name.endIndex...]
      }
    }
    return names
  }

  /// Takes a name in double quotes from the beginning of a list.
  private static func quotedName(_ rest: inout Substring) -> String {
    var name = ""
    rest.removeFirst()
    while let character = rest.popFirst() {
      if character == "\"" {
        guard rest.first == "\"" else { break }
        rest.removeFirst()
      }
      name.append(character)
    }
    return name
  }
}

extension Connection {
  /// Returns a statement that looks for names along a path, and leaves the session with its usual one.
  ///
  /// It is one round trip. Out of a transaction the server makes one of it.
  ///
  /// - Parameter first: a statement to run before, along the usual path.
  func along(_ path: SearchPath, _ sql: String, after first: String? = nil) -> String {
    (first.map { $0 + "; " } ?? "")
      + "SET LOCAL search_path = \(path.text); \(sql); SET LOCAL search_path = \(facts.systemPath.text)"
  }

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
      // The first failure is the one to report.
      _ = try? query("SELECT \(setting)", [before])
      throw error
    }
  }
}
