import MigrationBasics
import MigrationLedger

/// Runs a migration: one process's try at a session, from the lock to the row counts.
///
/// What is done is in the target's ledger and nowhere else; a run that is killed at any time
/// is continued by the next one, which asks the ledger.
public enum MigrationRun {
  /// Moves what the request asks for, or as much of it as can be moved.
  ///
  /// - Throws: `MigrationError`, `LedgerError` or `PlanFaults` if work is left because of a
  ///   failure. What was committed before is safe, and a later run continues from there.
  public static func run(
    _ request: RunRequest, control: RunControl = RunControl(),
    observer: @escaping RunObserver = { _ in }
  ) throws -> RunOutcome {
    try request.plan.requireHashKey()
    let tools = try RunTools(request, control, observer)
    defer { tools.release() }
    let forecast = RunForecast.forecast(request, observer)
    do {
      var outcome = try perform(request, tools)
      outcome.forecast = forecast
      return outcome
    } catch {
      throw RunFailure.of(error, place: request.plan.name)
    }
  }

  /// Opens the session, works on it, and ends the run.
  private static func perform(_ request: RunRequest, _ tools: RunTools) throws -> RunOutcome {
    let tables = try request.chosenTables()
    try ConnectionBudget(request).require()
    let ledger = try tools.targets.openWritable()
    let opening = RunOpening(request, tools, ledger, tables)
    let session = try opening.openSession()
    guard session.status != .completed else { return try opening.alreadyComplete(session) }
    let run = try opening.begin(session)
    do {
      let isDone = try run.move()
      return try RunEnding(run).end(isDone: isDone)
    } catch {
      run.noteFailure(error)
      throw error
    }
  }
}
