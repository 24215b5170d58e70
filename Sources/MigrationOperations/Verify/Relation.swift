import MigrationBasics
import MigrationPlan

/// One table's references to another, as people name it: `product-supplier`.
package struct Relation: Sendable, Hashable {
  package let child: String
  package let parent: String

  /// The relations that a plan looks rows up by.
  package static func all(of plan: Plan) -> [Relation] {
    plan.tables.flatMap { table in
      table.referencedTables.sorted().map { Relation(child: table.name, parent: $0) }
    }
  }

  /// Finds the relation that a word means: both tables with a dash between them, each by its name or
  /// its command, in the singular or the plural.
  package static func named(_ word: String, in plan: Plan) throws -> Relation {
    let relations = all(of: plan)
    let wanted = word.lowercased()
    let found = relations.first { relation in
      forms(relation.child, plan).contains { child in
        forms(relation.parent, plan).contains { "\(child)-\($0)" == wanted }
      }
    }
    if let found { return found }
    let known = relations.map { relation in
      "\(forms(relation.child, plan).last ?? "")-\(forms(relation.parent, plan).last ?? "")"
    }
    throw MigrationError(
      .configuration,
      "the plan has no references of type \(word)\(suggestion(for: word, in: known))",
      remedy: "types: \(Set(known).sorted().joined(separator: ", "))")
  }

  /// The words that mean a table, the singular last.
  private static func forms(_ table: String, _ plan: Plan) -> [String] {
    let command = plan.tables.first { $0.name == table }?.command ?? table
    let names = [table.lowercased().replacing("_", with: "-"), command]
    return names + names.map(singular)
  }

  private static func singular(_ word: String) -> String {
    if word.hasSuffix("ies") { return String(word.dropLast(3)) + "y" }
    return word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
  }
}
