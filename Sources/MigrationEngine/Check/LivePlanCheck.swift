import MigrationLedger
import MigrationPlan
import Postgres

/// The check of a plan against both sides as they are: what commands and runs share.
package struct LivePlanCheck {
  package let plan: Plan
  /// The tables to check; nil checks all of the plan.
  package var tables: Set<String>?

  package init(_ plan: Plan) { self.plan = plan }

  /// Returns all that is wrong, in the order of the plan's file.
  ///
  /// The statements of rules and queries are parsed by the target, and not run.
  package func faults(_ source: SourceCatalog, target: Connection) throws -> [PlanFault] {
    try plan.requireHashKey()
    let schema = plan.target.schema
    let live = try CatalogReader(target).tables(schema: schema, named: plan.tables.map(\.name))
    let relations = try Relations(schema: schema, target)
    var check = Checking(plan: plan, source: source, target: live, relations: relations)
    if live.haveMoney { check.targetMoneyDigits = try MoneyDigits.read(target) }
    check.all(tables)
    check.unlogged(
      try UnloggedTables.among(live.map(\.name), schema: schema, target),
      plan.tables.filter { tables?.contains($0.name) ?? true })
    check.faults += try largeObjects(source, target) + namelessObjects(source)
    check.faults += source.remarks
    // Places of the plan's file are what the conditions are known by.
    let chosen = plan.tables.filter { tables?.contains($0.name) ?? true }.flatMap(\.feeds)
    check.faults += source.faults.filter { chosen.map(\.place).contains($0.place) }
    check.faults += try StatementCheck(target, schema: schema)
      .faults(plan.statements(Set(live.map(\.name)), tables))
    return check.faults.inPlanOrder()
  }
}
