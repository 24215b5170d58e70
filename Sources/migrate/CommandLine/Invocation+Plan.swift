import FoundationEssentials
import Glibc
import MigrationCore

extension Invocation {
  /// Finds the plan that this command line works on.
  ///
  /// - Parameter name: The plan to use if neither the command line nor a setting selects one.
  func planLocation(
    _ settings: Settings, otherwise name: String? = nil
  ) throws -> PlanLocation {
    let configured = settings.value(.configFolder)
    let folder =
      configured.hasPrefix("/") || program.folder == FileManager.default.currentDirectoryPath
      ? configured : program.folder + "/" + configured
    let chosen =
      settings.value(.plan) ?? name ?? onlyPlan(of: PlanLocation.all(in: folder), settings)
    return try PlanLocation.find(chosen, configFolder: folder)
  }

  /// Returns the only plan of several whose source is set; the others could not run.
  private func onlyPlan(of plans: [PlanLocation], _ settings: Settings) -> String? {
    guard plans.count > 1 else { return nil }
    let sources = [SettingKey<DatabaseURL?>.source, .mongo]
      .filter { settings.value($0) != nil }.map(\.name)
    let fitting = plans.filter { plan in
      // An invalid plan counts as fitting: reading it reports the error.
      (try? settings.plan(at: plan.planFile)).map { sources.contains($0.source.setting) }
        ?? true
    }
    return fitting.count == 1 ? fitting[0].name : nil
  }

  /// Returns the databases to check: only the plan's source if a plan is selected, otherwise every one that is set.
  func databases(_ settings: Settings) throws -> ConfiguredDatabases {
    guard settings.value(.plan) != nil else { return ConfiguredDatabases(settings) }
    let plan = try settings.plan(at: planLocation(settings).planFile)
    return ConfiguredDatabases(settings, sourceSetting: plan.source.setting)
  }

  /// Returns the plan that this command line works on; nil if none is selected and there is not exactly one.
  func planIfAny(_ settings: Settings) throws -> Plan? {
    if settings.value(.plan) != nil {
      return try settings.plan(at: planLocation(settings).planFile)
    }
    // An invalid choice of a plan is reported by the commands that need one.
    return try? settings.plan(at: planLocation(settings).planFile)
  }

  /// Asks for confirmation of an action that cannot be undone.
  ///
  /// - Parameter word: The text to type on the terminal, such as the database name.
  func confirm(_ question: String, word: String, yes: Bool) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      console.note(question)
      throw UsageError.confirmationMissing(
        canPreview: page.options.contains { $0.name == "dry-run" })
    }
    console.errors.write("\(question)\nType \(word) to continue: ")
    console.finish()
    guard readLine() == word else {
      throw MigrationError(.failed, "not confirmed; nothing was changed")
    }
  }
}
