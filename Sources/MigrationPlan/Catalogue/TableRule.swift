import Postgres

/// A rule of a live table, which rewrites statements before they run. COPY and TRUNCATE do not follow rules.
package struct TableRule: Sendable, Hashable {
  /// What a rule rewrites, by the character that the catalogue has for it.
  package enum Event: Character, Sendable {
    case update = "2"
    case insert = "3"
    case delete = "4"
  }

  package let name: String
  package let event: Event
  /// Whether something else happens instead of the statement, and not beside it.
  package let isInstead: Bool

  package init(_ name: String, on event: Event, isInstead: Bool) {
    (self.name, self.event, self.isInstead) = (name, event, isInstead)
  }

  /// Reads the event's character, `i` or `a` for instead or also, and the name; nil for the rule that makes a view.
  init?(_ text: String) {
    guard let first = text.first, let event = Event(rawValue: first) else { return nil }
    self.init(String(text.dropFirst(2)), on: event, isInstead: text.dropFirst().first == "i")
  }
}

extension PostgresTable {
  /// Returns the rules that rewrite some statements.
  package func rules(on events: TableRule.Event...) -> [TableRule] {
    rules.filter { events.contains($0.event) }
  }
}

extension [TableRule] {
  /// What rewrites which statements: `rule keep (ON DELETE)`.
  package var words: String {
    map { "rule \($0.name) (ON \("\($0.event)".uppercased()))" }.joined(separator: ", ")
  }

  /// The statements that switch the rules of a table off.
  package func switchingOff(_ table: PostgresTable) throws -> String {
    let name = try SQL.identifier(schema: table.schema, table.name)
    return try map { "ALTER TABLE \(name) DISABLE RULE \(try SQL.identifier($0.name))" }
      .joined(separator: "; ")
  }
}
