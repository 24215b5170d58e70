import Foundation
import MigrationCore

// Moves the tables of a plan, and prints what became of their rows: run-a-plan PLAN [FOLDER]
let words = CommandLine.arguments
let settings = try Settings.resolve(environment: ProcessInfo.processInfo.environment)
let location = try PlanLocation.find(words[1], configFolder: words.count > 2 ? words[2] : "config")
let plan = try settings.plan(at: location.planFile)
let outcome = try MigrationRun.run(
  RunRequest(plan: plan, settings: settings))
for table in outcome.tables {
  print("\(table.name): \(table.sheet.loaded) of \(table.sheet.read) rows")
}
