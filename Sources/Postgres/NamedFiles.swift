import Glibc

/// The files that settings, environment and libpq's defaults name.
///
/// libpq opens them without looking: for a pipe it would wait for ever, deaf to signals.
enum NamedFiles {
  private static let settings = [
    ("sslcert", "PGSSLCERT", "/.postgresql/postgresql.crt"),
    ("sslkey", "PGSSLKEY", "/.postgresql/postgresql.key"),
    ("sslrootcert", "PGSSLROOTCERT", "/.postgresql/root.crt"),
    ("sslcrl", "PGSSLCRL", "/.postgresql/root.crl"),
    ("passfile", "PGPASSFILE", "/.pgpass"),
  ]

  static func check(_ given: [String: String]) throws(PostgresError) {
    let home = environmentVariable("HOME") ?? ""
    try check(
      environmentVariable("PGSERVICEFILE") ?? home + "/.pg_service.conf", of: "the service file")
    for (keyword, variable, place) in settings {
      let path = given[keyword] ?? environmentVariable(variable) ?? home + place
      try check(path, of: keyword)
    }
  }

  /// What is not there, or may not be read, is reported by libpq itself.
  private static func check(_ path: String, of name: String) throws(PostgresError) {
    var status = stat()
    guard path != "/dev/null", stat(path, &status) == 0 else { return }
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFIFO: kind = "a named pipe"
    case S_IFSOCK: kind = "a socket"
    case S_IFCHR, S_IFBLK: kind = "a device"
    default: return
    }
    throw .invalidSettings("\(name) \(path) is \(kind), not a file")
  }
}
