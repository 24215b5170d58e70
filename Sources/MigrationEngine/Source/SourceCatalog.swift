import MigrationPlan

/// What a source has for a plan to read.
package struct SourceCatalog: Sendable {
  /// The tables that the plan reads and that are there.
  package var tables: [PostgresTable] = []
  /// Everything that has a name in the source's schema.
  package var relations = Relations()
  /// The collections, one of each database that a dump holds.
  package var collections: [String] = []
  /// Views of MongoDB, by name, with the stages of their pipelines.
  package var views: [String: [String]] = [:]
  /// Tables that the plan reads with others that it reads too: those that inherit from them, and partitions.
  var heirs: [(table: String, heir: String)] = []
  /// How many decimal places amounts of money have in the source's database.
  var moneyDigits = MoneyDigits.ofSessions
  package var largeObjects: [LargeObjects] = []
  package var namelessObjects: [NamelessObject] = []
  /// What the source says against single feeds, such as conditions that it refuses.
  package var faults: [PlanFault] = []
  /// What it says against the plan as a whole, such as what is there and is not read.
  package var remarks: [PlanFault] = []

  package init() {}
}
