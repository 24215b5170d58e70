import MigrationCore

/// Options that several commands take, with the same meaning everywhere.
enum SharedOptions {
  static let yes = Option.flag("yes", help: "Do not ask for confirmation.")
  static let dryRun = Option.flag(
    "dry-run", short: "n", help: "Show what would change; change nothing.")
  static let tables = Option.list(
    "table", "TABLE", help: "Only this table; repeat the option, or pass a list with commas.")
  static let rate = Option.integer(
    "rate", "N", in: 1...100_000_000,
    help: "Read at most N rows a second from the source (default: no limit).")
  // This is also a setting; the resolver reads it by its flag.
  static let statementTimeout = Option.text(
    "statement-timeout", "TIME",
    help: "The timeout of one statement, such as 30s (DATABASE_STATEMENT_TIMEOUT).")
}

extension Invocation {
  /// The maximum rows a second to read; nil if there is no limit.
  var rate: Int? { self[SharedOptions.rate] }

  /// Returns the selected tables; nil if none is selected.
  func tables(_ plan: Plan) throws -> [String]? {
    let names = self[SharedOptions.tables].flatMap { $0.split(separator: ",").map(String.init) }
    return names.isEmpty ? nil : try names.map { try plan.tableName($0) }
  }
}
