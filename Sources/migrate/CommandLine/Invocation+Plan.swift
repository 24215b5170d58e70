import FoundationEssentials
import Glibc
import MigrationCore

extension Invocation {
  /// Finds the plan that this command line works on.
  ///
  /// - Parameter name: the plan to take where neither command line nor settings name one.
  func planLocation(
    _ settings: Settings, otherwise name: String? = nil
  ) throws -> PlanLocation {
    let configured = settings.value(.configFolder)
    let folder =
      configured.hasPrefix("/") || program.folder == FileManager.default.currentDirectoryPath
      ? configured : program.folder + "/" + configured
    return try PlanLocation.find(settings.value(.plan) ?? name, configFolder: folder)
  }

  /// The databases to look at: with a plan named, its source alone; else every one that is set.
  func databases(_ settings: Settings) throws -> ConfiguredDatabases {
    guard settings.value(.plan) != nil else { return ConfiguredDatabases(settings) }
    let plan = try PlanReader.read(file: planLocation(settings).planFile)
    return ConfiguredDatabases(settings, sourceSetting: plan.source.setting)
  }

  /// Makes sure that somebody wants what can't be taken back.
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
