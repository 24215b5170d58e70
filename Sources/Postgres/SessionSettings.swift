/// A server setting that decides what a value means, which rows are seen, or which checks run.
public struct SessionSetting: Sendable, Hashable {
  public let name: String
  /// The value that every session has; nil for a setting that is read and never changed.
  public let value: String?
  /// What another value would do.
  public let reason: String

  init(_ name: String, _ value: String?, _ reason: String) {
    (self.name, self.value, self.reason) = (name, value, reason)
  }

  /// All settings that values depend on: the one list of them.
  ///
  /// Server, database, role, pooler and URL can give each of them another value. A session sets
  /// them after connecting, whatever they were, and refuses to work if that fails.
  public static let all: [SessionSetting] = [
    // The text of values.
    SessionSetting("DateStyle", "ISO, MDY", "day and month are swapped in texts"),
    SessionSetting(
      "IntervalStyle", "postgres", "intervals have another format"),
    SessionSetting("TimeZone", "UTC", "times without a zone are read in another zone"),
    SessionSetting("timezone_abbreviations", "Default", "names such as IST mean another zone"),
    SessionSetting("extra_float_digits", "3", "floating-point numbers are rounded in texts"),
    SessionSetting("bytea_output", "hex", "bytes are written in another form"),
    SessionSetting("lc_monetary", "C", "amounts of money are written and read in another form"),
    SessionSetting("xmlbinary", "base64", "bytes in XML are written in another form"),
    SessionSetting("xmloption", "content", "XML that is not a whole document is rejected"),
    SessionSetting("client_encoding", "UTF8", "texts are read in another encoding"),
    SessionSetting("quote_all_identifiers", "off", "definitions compare as different"),
    // What texts and statements mean.
    SessionSetting("array_nulls", "on", "NULL in an array becomes the text NULL"),
    SessionSetting(
      "standard_conforming_strings", "on", "a backslash in a text escapes what follows"),
    SessionSetting("backslash_quote", "safe_encoding", "a backslash can end a text"),
    SessionSetting("transform_null_equals", "off", "x = NULL becomes true for rows without x"),
    SessionSetting("check_function_bodies", "on", "schema files with broken functions pass"),
    // Which rows are seen.
    SessionSetting("row_security", "off", "policies hide rows instead of causing an error"),
    SessionSetting("gin_fuzzy_search_limit", "0", "index scans omit rows"),
    SessionSetting("zero_damaged_pages", "off", "the rows of damaged pages vanish"),
    SessionSetting(
      "ignore_checksum_failure", "off", "damaged pages are read as if they were sound"),
    // What transactions and constraints do.
    SessionSetting("session_replication_role", "origin", "foreign keys and triggers are off"),
    SessionSetting(
      "default_transaction_isolation", "read committed", "statements fail or see other rows"),
    SessionSetting("default_transaction_deferrable", "off", "reading waits for other transactions"),
    SessionSetting("default_transaction_read_only", nil, "nothing can be written"),
  ]

  /// The setting of a name; nil for one that no value depends on.
  public static func named(_ name: String) -> SessionSetting? {
    all.first { $0.name.lowercased() == name.lowercased() }
  }
}

/// A setting that another place had given another value than the session works with.
public struct ChangedSetting: Sendable, Hashable {
  public let name: String
  public let found: String
}
