import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Whether the target has the tables of the plan, as its schema files describe them.
package struct DeployedSchema {
  private let settings: Settings
  private let plan: Plan
  private let folder: String

  /// - Parameter folder: the folder of the plan's schema files, which need not be there.
  package init(_ settings: Settings, plan: Plan, folder: String) {
    (self.settings, self.plan, self.folder) = (settings, plan, folder)
  }

  package func run() -> Check {
    do { return try check() } catch {
      let failure = CheckFailure(error)
      return .failure(
        .target, Self.name, "could not check: \(failure.what)", remedy: failure.remedy)
    }
  }

  private static let name = "Schema validation"

  private struct Difference {
    let words: String
    let isMissingTable: Bool
  }

  private func check() throws -> Check {
    let target = try Databases(settings).target()
    let files = try files()
    let live = try CatalogReader(target).tables(
      schema: plan.target.schema, named: plan.tables.map(\.name))
    let count = CountText.of(plan.tables.count, "table")
    // As it is before the first `db migrate`.
    if live.isEmpty {
      return notDeployed("the target has none of the plan's tables (\(count))")
    }
    var wrong = plan.tables.map(\.name).filter { name in !live.contains { $0.name == name } }
      .map { Difference(words: "the target has no table \($0)", isMissingTable: true) }
    if let files, wrong.isEmpty { wrong = try differences(files, target) }
    guard let first = wrong.first else {
      return .pass(.target, Self.name, "OK (\(count) of plan \(plan.name))")
    }
    let words = first.words + (wrong.count > 1 ? " and \(wrong.count - 1) more" : "")
    if let files, try isPending(files, wrong, target) { return notDeployed(words) }
    return .failure(
      .target, Self.name, "FAILED, \(words)", remedy: "see: migrate validate-schema")
  }

  private func notDeployed(_ what: String) -> Check {
    .warning(.target, Self.name, "NOT DEPLOYED, \(what)", remedy: "apply it: migrate db migrate")
  }

  /// A plan without files is held against its tables alone.
  private func files() throws -> SchemaFolder? {
    do {
      let files = try SchemaFolder(path: folder)
      return files.migrations.isEmpty ? nil : files
    } catch SchemaFault.folderUnreadable { return nil }
  }

  /// Whether what is wrong waits for files that are not applied yet.
  ///
  /// If none was applied, the schema may be of other origin, and then files explain missing tables alone.
  private func isPending(
    _ files: SchemaFolder, _ wrong: [Difference], _ target: Connection
  ) throws -> Bool {
    let status = try SchemaMigrator(
      connection: target, folder: files, plan: plan.name, schema: plan.target.schema,
      ledgerSchema: settings.value(.ledgerSchema), operatorName: OperatorName.current
    ).status()
    guard !status.pending.isEmpty else { return false }
    return !status.applied.isEmpty || wrong.allSatisfy(\.isMissingTable)
  }

  private func differences(
    _ files: SchemaFolder, _ target: Connection
  ) throws -> [Difference] {
    let ledger = try Ledger(target, schema: settings.value(.ledgerSchema))
    // A load puts them back at its end.
    let suspended = try SuspendedObjects(ledger).pendingRestores().map {
      SchemaComparison.SuspendedObject(table: $0.table.name, name: $0.name)
    }
    return try SchemaComparison.run(
      folder: files, schema: plan.target.schema, on: target, setAside: Set(suspended)
    ).filter { $0.severity == .error }
      .map { Difference(words: "\($0)", isMissingTable: $0.kind == .tableMissing) }
  }
}
