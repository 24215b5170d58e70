/// The parameters of URLs and keyword strings, and which of their values may be shown.
///
/// Only what is known to be no secret is shown: a misspelt `pasword` is one.
enum URLParameter {
  /// Whether a value is a secret, or may be one.
  static func isHidden(_ name: String, _ value: String, _ kind: DatabaseURL.Kind) -> Bool {
    let name = name.lowercased()
    guard kind.options().contains(name), !secrets.contains(name) else { return true }
    // Behind an odd separator a second parameter is in the value of the first.
    guard !written.contains(name) else { return false }
    let text = PercentEncoding.decode(value) ?? value
    return text.contains { ";&=?#@".contains($0) || $0.isWhitespace }
  }

  /// What of a hidden value has to be hidden in other texts too: all of it, and what is in it behind
  /// a `=`, as a driver that takes another separator would see it.
  static func secrets(in value: String) -> [String] {
    let text = PercentEncoding.decode(value) ?? value
    let inner = text.split(whereSeparator: { ";&?#,".contains($0) || $0.isWhitespace }).compactMap {
      $0.cut(at: "=").after.map(String.init)
    }
    // "true" would be a word to hide in many texts, and is not a password.
    return ([value, text] + inner).filter { !["true", "false"].contains($0.lowercased()) }
  }

  /// Whether the driver knows a parameter.
  static func isKnown(_ name: String, _ kind: DatabaseURL.Kind) -> Bool {
    kind.options().contains(name.lowercased())
  }

  private static let secrets: Set<String> = [
    "password", "sslpassword", "tlscertificatekeyfilepassword", "sslclientcertificatekeypassword",
    "authmechanismproperties", "oauth_client_secret", "scram_client_key", "scram_server_key",
  ]

  /// Those whose values are lists and paths, in which any mark may stand.
  private static let written: Set<String> = [
    "options", "readpreferencetags", "passfile", "sslcert", "sslkey", "sslrootcert", "sslcrl",
    "sslcrldir", "servicefile", "tlscafile", "tlscertificatekeyfile", "sslclientcertificatekeyfile",
    "sslcertificateauthorityfile",
  ]

  /// libpq's, and those of Prisma that are removed before libpq sees them:
  /// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
  static let postgres: Set<String> = [
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "require_auth",
    "channel_binding", "connect_timeout", "client_encoding", "options", "application_name",
    "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval",
    "keepalives_count", "tcp_user_timeout", "replication", "gssencmode", "ssl", "sslmode",
    "requiressl", "sslnegotiation", "sslcompression", "sslcert", "sslkey", "sslkeylogfile",
    "sslpassword", "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "requirepeer",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "min_protocol_version",
    "max_protocol_version", "krbsrvname", "gsslib", "gssdelegation", "scram_client_key",
    "scram_server_key", "service", "servicefile", "target_session_attrs", "load_balance_hosts",
    "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "schema",
    "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size",
    "sslaccept", "sslidentity",
  ]
}
