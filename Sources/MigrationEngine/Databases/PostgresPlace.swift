import MigrationBasics
import Postgres

/// A PostgreSQL database, with the setting or option that it came from.
package struct PostgresPlace: Sendable {
  package let url: DatabaseURL
  /// The name for it in sentences, such as `DATABASE_URL`.
  package let setting: String
  private let databases: Databases

  package init(_ url: DatabaseURL, setting: String, _ databases: Databases) {
    (self.url, self.setting, self.databases) = (url, setting, databases)
  }

  package func connect() throws -> Connection {
    try databases.connect(url, setting: setting)
  }

  /// Another database of the same server, with the same login.
  package func other(_ database: String) throws -> PostgresPlace {
    PostgresPlace(try url.with(database: database), setting: setting, databases)
  }

  /// The environment with which PostgreSQL's programs reach the database: its password is in it.
  ///
  /// - Parameter inherited: of which they get what they need, and no other program's secrets.
  package func environment(_ inherited: [String: String], purpose: String) throws -> [String:
    String]
  {
    var environment = inherited.filter { name, _ in
      ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "KRB5CCNAME", "SSL_CERT_FILE"].contains(
        name)
        || name.hasPrefix("LC_") || name.hasPrefix("PG")
    }
    let given = try ConnectionString(url.connectionString)
    for (name, value) in given.environmentForPrograms() { environment[name] = value }
    environment["PGOPTIONS"] = try programOptions(environment["PGOPTIONS"])
    environment["PGAPPNAME"] = purpose
    // What they say goes into our messages, which are in English.
    environment["LC_MESSAGES"] = "C"
    return environment
  }

  /// The options for sessions of PostgreSQL's programs: they set for themselves what values depend on, but for this.
  private func programOptions(_ given: String?) throws -> String? {
    // If no connection is possible, the programs say so.
    guard let session = try? connect().facts else { return given }
    guard session.isPooled else {
      return [given, "-c array_nulls=on", "-c lc_monetary=C"].compactMap { $0 }
        .joined(separator: " ")
    }
    // A pooler refuses or drops options.
    guard session.changedSettings.contains(where: { $0.name == "array_nulls" }) else {
      return given
    }
    throw MigrationError(
      .configuration,
      "array_nulls is off, and pg_dump and pg_restore cannot change it through the pooler of "
        + "\(setting): NULL in arrays would become the text NULL",
      place: url.redacted, remedy: "connect to the server directly, or reset array_nulls there")
  }
}

extension Databases {
  /// The database that a setting names.
  package func postgres(_ key: SettingKey<DatabaseURL?>) throws -> PostgresPlace {
    PostgresPlace(try checkedURL(key), setting: key.name, self)
  }

  /// A database that an option names.
  package func postgres(_ url: DatabaseURL, option: String) throws -> PostgresPlace {
    PostgresPlace(try checked(url, setting: option), setting: option, self)
  }
}
