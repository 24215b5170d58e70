import MigrationBasics
import Postgres

/// What a database is apart from its contents: what no dump of one database holds.
struct DatabaseProperties: Sendable, Hashable {
  struct Grant: Sendable, Hashable {
    /// Nil for everybody.
    let role: String?
    let privilege: String
    let isGrantable: Bool
  }

  /// A setting of `ALTER DATABASE … SET`, or of a role in the database.
  struct Parameter: Sendable, Hashable {
    let role: String?
    let name: String
    let value: String
  }

  var owner: String
  var encoding: String
  var collation: String
  var characterType: String
  /// `c` libc, `i` ICU, `b` the server's own.
  var provider: String
  var locale: String?
  var rules: String?
  var tablespace: String
  var connectionLimit: Int
  var isTemplate: Bool
  var comment: String?
  /// What is granted in effect, by whomever.
  var grants: Set<Grant>
  /// In the order in which they were set.
  var parameters: [Parameter]

  static func read(_ connection: Connection, _ database: String) throws -> DatabaseProperties {
    let found = try connection.query(
      """
      SELECT pg_catalog.pg_get_userbyid(datdba), pg_catalog.pg_encoding_to_char(encoding), datcollate,
        datctype, coalesce(j->>'datlocprovider', 'c'), coalesce(j->>'datlocale', j->>'daticulocale'),
        j->>'daticurules', spcname, datconnlimit, datistemplate,
        pg_catalog.shobj_description(d.oid, 'pg_database')
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = dattablespace,
        LATERAL (SELECT to_jsonb(d) AS j) columns
      WHERE datname = $1
      """, [database])
    guard let row = found.rows.first else {
      throw MigrationError(.coded(.rollback), "the database does not exist", place: database)
    }
    return DatabaseProperties(
      owner: row.string(0), encoding: row.string(1), collation: row.string(2),
      characterType: row.string(3), provider: row.string(4), locale: row.text(5),
      rules: row.text(6), tablespace: row.string(7), connectionLimit: row.number(8),
      isTemplate: row.bool(9) ?? false, comment: row.text(10),
      grants: try grants(connection, database), parameters: try parameters(connection, database))
  }

  private static func grants(_ connection: Connection, _ database: String) throws -> Set<Grant> {
    let found = try connection.query(
      """
      SELECT CASE grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(grantee) END,
        privilege_type, bool_or(is_grantable)
      FROM pg_catalog.pg_database, pg_catalog.aclexplode(coalesce(datacl, acldefault('d', datdba)))
      WHERE datname = $1 GROUP BY 1, 2
      """, [database])
    return Set(
      found.rows.map {
        Grant(role: $0.text(0), privilege: $0.string(1), isGrantable: $0.bool(2) ?? false)
      })
  }

  private static func parameters(
    _ connection: Connection, _ database: String
  ) throws -> [Parameter] {
    let found = try connection.query(
      """
      SELECT CASE setrole WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(setrole) END, line
      FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = setdatabase,
        pg_catalog.unnest(setconfig) WITH ORDINALITY AS lines(line, place)
      WHERE datname = $1 ORDER BY setrole, place
      """, [database])
    return found.rows.map { row in
      let (name, value) = row.string(1).cut(at: "=")
      return Parameter(role: row.text(0), name: String(name), value: String(value ?? ""))
    }
  }

  /// Says what of these another database does not have, a sentence each.
  func differences(in other: DatabaseProperties) -> [String] {
    func compare<Value: Equatable>(_ name: String, _ mine: Value, _ theirs: Value) -> String? {
      mine == theirs ? nil : "\(name) is \(theirs) and was \(mine)"
    }
    var found = [
      compare("the owner", owner, other.owner), compare("the encoding", encoding, other.encoding),
      compare("the collation", collation, other.collation),
      compare("the character type", characterType, other.characterType),
      compare("the locale provider", provider, other.provider),
      compare("the locale", locale ?? "none", other.locale ?? "none"),
      compare("the tablespace", tablespace, other.tablespace),
      compare("the connection limit", connectionLimit, other.connectionLimit),
      compare("the mark of a template", isTemplate, other.isTemplate),
      compare("the comment", comment ?? "none", other.comment ?? "none"),
    ].compactMap { $0 }
    if rules != other.rules { found.append("the collation rules differ") }
    if grants != other.grants { found.append("the grants on the database differ") }
    found += Set(Set(parameters).symmetricDifference(other.parameters).map(\.name)).sorted().map {
      "the setting \($0) differs"
    }
    return found
  }
}
