import FoundationEssentials
import Glibc
import MigrationCore

extension Invocation {
  /// Finds the plan that this command line works on.
  ///
  /// - Parameter name: the plan to take if neither command line nor settings name one.
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

  /// Of several plans, the only one whose source is set: no other could be run.
  private func onlyPlan(of plans: [PlanLocation], _ settings: Settings) -> String? {
    guard plans.count > 1 else { return nil }
    let sources = [SettingKey<DatabaseURL?>.source, .mongo]
      .filter { settings.value($0) != nil }.map(\.name)
    let fitting = plans.filter { plan in
      // A plan with a fault may be meant: reading it shows what is wrong with it.
      (try? settings.plan(at: plan.planFile)).map { sources.contains($0.source.setting) }
        ?? true
    }
    return fitting.count == 1 ? fitting[0].name : nil
  }

  /// The databases to check: with a plan named, its source alone; else every one that is set.
  func databases(_ settings: Settings) throws -> ConfiguredDatabases {
    guard settings.value(.plan) != nil else { return ConfiguredDatabases(settings) }
    let plan = try settings.plan(at: planLocation(settings).planFile)
    return ConfiguredDatabases(settings, sourceSetting: plan.source.setting)
  }

  /// The plan that this command line works on; nil if none is named and none is the only one.
  func planIfAny(_ settings: Settings) throws -> Plan? {
    if settings.value(.plan) != nil {
      return try settings.plan(at: planLocation(settings).planFile)
    }
    // An invalid choice of a plan is reported by the commands that need one.
    return try? settings.plan(at: planLocation(settings).planFile)
  }

  /// Asks for confirmation of an action that cannot be undone.
  ///
  /// - Parameter word: what has to be typed on a terminal, such as the database's name.
  func confirm(_ question: String, word: String, yes: Bool) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw UsageError.confirmationMissing(question)
    }
    console.errors.write("\(question)\nType \(word) to go on: ")
    guard readLine() == word else {
      throw MigrationError(.failed, "not confirmed; nothing was done")
    }
  }
}
