import MigrationBasics
import MigrationPlan
import Postgres

extension Databases {
  /// Refuses a plan whose source tables are target tables; see `SourceGuard`.
  public func keepApart(_ plan: Plan) throws {
    guard !plan.source.kind.hasDocuments, sourceMayBeTarget ?? true else { return }
    try SourceGuard(plan, ledgerSchema: settings.value(.ledgerSchema)).refuse(
      source: source(plan.source.setting), target: postgres(.target).connect())
  }

  /// Refuses it if the source that is set is the target's database; if none is set, nothing is read.
  public func keepApart(_ plan: Plan, from target: Connection) throws {
    guard !plan.source.kind.hasDocuments, sourceMayBeTarget ?? false else { return }
    try SourceGuard(plan, ledgerSchema: settings.value(.ledgerSchema)).refuse(
      source: source(plan.source.setting), target: target)
  }

  /// Returns the tables that a plan reads in the target's own database, by their numbers.
  ///
  /// None if the source is another database, or if it is not set: then nothing is read.
  package func sourceTables(of plan: Plan, in target: Connection) throws -> [Int: QualifiedName] {
    guard !plan.source.kind.hasDocuments, try isSource(target) else { return [:] }
    return try SourceGuard(plan).sourceTables(target)
  }

  /// Whether the source that is set may be the target's database by its kind; nil if none is set.
  private var sourceMayBeTarget: Bool? { settings.value(SettingKey.source)?.kind.canBeTarget }

  /// Whether a connection leads to the PostgreSQL database that is set as the source.
  package func isSource(_ target: Connection) throws -> Bool {
    guard let url = settings.value(SettingKey.source), url.kind.canBeTarget else { return false }
    return try DatabaseIdentity.areOne(connect(url, setting: SettingKey.source.name), target)
  }
}
