import MigrationCore

/// Options that several commands take, with the same meaning everywhere.
enum SharedOptions {
  static let yes = Option.flag("yes", help: "Do it without asking.")
  static let dryRun = Option.flag(
    "dry-run", short: "n", help: "Show what would be done; change nothing.")
  static let tables = Option.list(
    "table", "TABLE", help: "Only this table; may be given several times, or as a list.")
  static let rate = Option.integer(
    "rate", "N", in: 0...100_000_000, otherwise: 0,
    help: "Read at most so many rows a second of the source; as fast as it goes if not given.")
  // This is a setting too; the resolver reads it by the name of its flag.
  static let statementTimeout = Option.text(
    "statement-timeout", "TIME",
    help: "How long one statement may take, such as 30s (DATABASE_STATEMENT_TIMEOUT).")
}

extension Invocation {
  /// The most rows a second that may be read; nil if none is set.
  var rate: Int? { self[SharedOptions.rate] == 0 ? nil : self[SharedOptions.rate] }

  /// The tables that were named; nil if none was.
  func tables(_ plan: Plan) throws -> [String]? {
    let names = self[SharedOptions.tables].flatMap { $0.split(separator: ",").map(String.init) }
    return names.isEmpty ? nil : try names.map { try plan.tableName($0) }
  }
}
