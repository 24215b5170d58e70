/// Calls psql to run a file of SQL.
struct SQLProgram {
  let tool: Tool
  let work: BackupWork

  init(work: BackupWork) throws {
    self.work = work
    tool = try work.tools.find("psql", atLeast: 0, package: "postgresql-client")
  }

  /// Runs a file in one transaction; the first error ends it and rolls everything back.
  ///
  /// - Parameter before: a statement to run before it in the transaction.
  func run(
    _ path: String, in place: PostgresPlace, before: String? = nil, account: SystemAccount? = nil
  ) throws {
    let file = try SQLFile(path)
    let arguments =
      ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--single-transaction"]
      + (before.map { ["--command=\($0)"] } ?? []) + ["--file=-"]
    var run = ProgramRun { try work.watch() }
    run.input = { try file.read() }
    let ending = try run.run(
      ProgramCall(
        path: tool.path, arguments: arguments,
        environment: try place.environment(work.environment, purpose: RestoreProgram.purpose),
        folder: "/", account: account))
    guard ending.exitCode == 0 else {
      throw MigrationError(
        .coded(.rollback), "psql failed: \(ending.reason)", reason: "psql", place: path,
        remedy: "nothing was changed; see the SQL of the file")
    }
  }
}
