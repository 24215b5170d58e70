import MigrationCore
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine

/// A value of a run may be said in several places, and the strongest of them counts.
@Suite struct RunSettingsTests {
  private func resolve(
    _ environment: [String: String] = [:], flags: [String: String] = [:],
    plan: [String: String] = [:]
  ) throws -> RunSettings {
    RunSettings(
      try Settings.resolve(
        flags: flags, environment: environment, folder: "/nonexistent", plan: plan))
  }

  @Test func theStrongestLayerThatSaysSomethingCounts() {
    var settings = RunSettings()
    #expect(settings.maximumRetries == 3 && settings.throttle == 0 && settings.lanes == nil)
    for (number, layer) in RunSettings.Layer.allCases.enumerated() {
      settings[layer].maximumRetries = number + 10
      settings[layer].lanes = .exactly(number + 1)
      settings[layer].maximumRejects = .exactly(number)
      settings[layer].maximumMinutes = .exactly(number + 1)
      settings[layer].batchSizes = ["t": number + 100]
      #expect(settings.maximumRetries == number + 10)
      #expect(settings.lanes == number + 1)
      #expect(settings.maximumRejects == number)
      #expect(settings.timeLimit == .seconds(60 * (number + 1)))
      #expect(settings.batchSize(of: "t") == number + 100)
    }
    settings[.changed] = RunAdjustments()
    #expect(settings.lanes == RunSettings.Layer.commandLine.rawValue + 1)
  }

  /// `auto` is said too: it hides a number of a weaker place.
  @Test func autoGivesTheChoiceBack() {
    var settings = RunSettings()
    settings[.settings].lanes = 4
    settings[.settings].batchSize = 500
    settings[.settings].maximumMinutes = 5
    settings[.configured].lanes = .automatic
    settings[.configured].batchSize = .automatic
    settings[.configured].maximumMinutes = .automatic
    #expect(settings.lanes == nil)
    #expect(settings.batchSize(of: "t") == nil)
    #expect(settings.timeLimit == nil)
    settings[.commandLine].timeLimit = .seconds(90)
    #expect(settings.timeLimit == .seconds(90))
  }

  @Test func eachPlaceOfSettingsIsALayer() throws {
    let name = "MIGRATION_MAX_RETRIES"
    let settings = try resolve([name: "5"], flags: [name: "6"], plan: [name: "4"])
    #expect(settings[.commandLine].maximumRetries == 6)
    #expect(try resolve([name: "5"], plan: [name: "4"])[.settings].maximumRetries == 5)
    #expect(try resolve(plan: [name: "4"])[.plan].maximumRetries == 4)
    #expect(try resolve()[.standard].maximumRetries == 3)
    // What was configured is stronger than the settings, and weaker than the command line.
    var configured = settings
    configured[.configured].maximumRetries = 9
    #expect(configured.maximumRetries == 6)
    configured = try resolve([name: "5"])
    configured[.configured].maximumRetries = 9
    #expect(configured.maximumRetries == 9)
  }

  @Test func oneLaneIsMoreThanAnyNumberButThatOfTheCommandLine() throws {
    let (isParallel, most) = ("MIGRATION_PARALLEL_ENABLED", "MIGRATION_PARALLEL_MAX_CONCURRENT")
    #expect(try resolve([isParallel: "false", most: "4"]).lanes == 1)
    #expect(try resolve([most: "4"], plan: [isParallel: "false"]).lanes == 1)
    #expect(try resolve([isParallel: "false"], flags: ["parallel": "4"]).lanes == 4)
    #expect(try resolve(flags: ["parallel": "4", isParallel: "no"]).lanes == 1)
    #expect(try resolve([most: "4"], flags: ["parallel": "auto"]).lanes == nil)
  }

  @Test func zeroIsForEver() throws {
    #expect(try resolve(["MIGRATION_TIMEOUT": "0"]).chunkTimeout == nil)
    #expect(try resolve(["MIGRATION_TIMEOUT": "2s"]).chunkTimeout == .seconds(2))
    #expect(try resolve(["MIGRATION_MIN_FREE_DISK": "0"]).freeDisk == 0)
  }
}
