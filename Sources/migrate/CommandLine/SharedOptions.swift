/// Options that several commands take, with the same meaning everywhere.
enum SharedOptions {
  static let yes = Option.flag("yes", help: "Do it without asking.")
  static let dryRun = Option.flag(
    "dry-run", short: "n", help: "Show what would be done; change nothing.")
}
