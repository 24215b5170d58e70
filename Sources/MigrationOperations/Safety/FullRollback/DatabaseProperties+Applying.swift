import Postgres

/// The statements that give one database what another has.
extension DatabaseProperties {
  /// Makes an empty database of the same kind. Until it gets its grants, no one else may come in.
  func create(_ database: String, _ connection: Connection) throws {
    let name = try SQL.identifier(database)
    try connection.execute(
      """
      CREATE DATABASE \(name) OWNER \(SQL.identifier(owner)) TEMPLATE template0
        ENCODING \(SQL.literal(encoding)) LC_COLLATE \(SQL.literal(collation))
        LC_CTYPE \(SQL.literal(characterType)) \(localeWords(connection)) \(tablespaceWords())
      """)
    try connection.execute("REVOKE ALL ON DATABASE \(name) FROM PUBLIC")
  }

  /// Naming the usual one asks for a right that making a database there does not.
  private func tablespaceWords() throws -> String {
    tablespace == Self.usualTablespace ? "" : "TABLESPACE \(try SQL.identifier(tablespace))"
  }

  static let usualTablespace = "pg_default"

  private func localeWords(_ connection: Connection) -> String {
    guard connection.facts.serverVersion.major >= 15 else { return "" }
    let locale = SQL.literal(self.locale ?? "")
    let rules = self.rules.map { " ICU_RULES \(SQL.literal($0))" } ?? ""
    return switch provider {
    case "i": "LOCALE_PROVIDER icu ICU_LOCALE \(locale)\(rules)"
    case "b": "LOCALE_PROVIDER builtin BUILTIN_LOCALE \(locale)"
    default: "LOCALE_PROVIDER libc"
    }
  }

  /// The statements that give a database everything but its name, for one transaction.
  func statements(for database: String) throws -> [String] {
    let name = try SQL.identifier(database)
    var statements = [
      "ALTER DATABASE \(name) CONNECTION LIMIT \(connectionLimit)",
      "ALTER DATABASE \(name) IS_TEMPLATE \(isTemplate)",
      "COMMENT ON DATABASE \(name) IS \(comment.map(SQL.literal) ?? "NULL")",
      "REVOKE ALL ON DATABASE \(name) FROM PUBLIC, \(try SQL.identifier(owner))",
    ]
    for grant in grants {
      let role = try grant.role.map { try SQL.identifier($0) } ?? "PUBLIC"
      statements.append(
        "GRANT \(grant.privilege) ON DATABASE \(name) TO \(role)"
          + (grant.isGrantable ? " WITH GRANT OPTION" : ""))
    }
    for parameter in parameters {
      let subject = try parameter.role.map { "ROLE \(try SQL.identifier($0)) IN DATABASE \(name)" }
      statements.append(
        "ALTER \(subject ?? "DATABASE \(name)") SET \(try SQL.identifier(parameter.name)) "
          + "TO \(parameter.literal)")
    }
    return statements
  }
}

extension DatabaseProperties.Parameter {
  /// Settings whose values are lists of quoted names, as pg_dump knows them.
  private static let lists: Set<String> = [
    "local_preload_libraries", "search_path", "session_preload_libraries",
    "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
  ]

  /// The value for a statement: a list is stored as one text, and set element by element.
  var literal: String {
    guard Self.lists.contains(name.lowercased()) else { return SQL.literal(value) }
    let names = Self.names(in: value)
    return names.isEmpty ? "''" : names.map(SQL.literal).joined(separator: ", ")
  }

  /// Parts a list of names, in which a quoted name may hold commas and doubled quotes.
  static func names(in list: String) -> [String] {
    var (names, name) = ([String](), "")
    var (isQuoted, wasQuoted) = (false, false)
    for mark in list.unicodeScalars {
      if mark == "\"" {
        // A doubled quote closes and opens again, and is literal.
        if !isQuoted, wasQuoted { name.unicodeScalars.append(mark) }
        isQuoted.toggle()
        wasQuoted = true
      } else if isQuoted || (mark != "," && mark != " ") {
        name.unicodeScalars.append(mark)
      } else if mark == "," {
        names.append(name)
        (name, wasQuoted) = ("", false)
      }
    }
    if !name.isEmpty || wasQuoted { names.append(name) }
    return names
  }
}
