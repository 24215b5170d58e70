import MigrationLedger
import MigrationPlan
import Postgres

/// A foreign key between two tables, be it in place or suspended.
struct ForeignKeyEnds: Sendable, Hashable {
  let name: String
  let child: QualifiedName
  let parent: QualifiedName
  /// The columns that refer, and those that are referred to, as SQL has them: quoted, with commas.
  let childColumns: String
  let parentColumns: String
}

extension ForeignKeyEnds {
  /// Reads the columns out of a definition as `pg_get_constraintdef` writes it.
  init?(name: String, child: QualifiedName, parent: QualifiedName, definition: String) {
    var scanner = ParenthesisScanner(definition)
    guard let columns = scanner.next(), let referenced = scanner.next() else { return nil }
    self.init(
      name: name, child: child, parent: parent, childColumns: columns, parentColumns: referenced)
  }

  /// Returns all foreign keys that refer to one of some tables.
  static func leading(to parents: [QualifiedName], _ ledger: Ledger) throws -> [ForeignKeyEnds] {
    // Names are qualified in definitions only if the search path does not lead to them; the
    // columns, which are all that is read of these, never are.
    let found = try ledger.connection.query(
      """
      SELECT c.conname, n.nspname, t.relname, rn.nspname, r.relname, pg_get_constraintdef(c.oid)
      FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_catalog.pg_class r ON r.oid = c.confrelid
        JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
      WHERE c.contype = 'f' AND c.conparentid = 0 ORDER BY 2, 3, 1
      """)
    let inPlace = found.rows.compactMap { row in
      ForeignKeyEnds(
        name: row.string(0), child: QualifiedName(schema: row.string(1), name: row.string(2)),
        parent: QualifiedName(schema: row.string(3), name: row.string(4)),
        definition: row.string(5))
    }
    let aside = try SuspendedObjects(ledger).pendingRestores().compactMap {
      object -> ForeignKeyEnds? in
      guard object.kind == .foreignKey, let parent = object.details.referenced,
        let definition = object.constraintDefinition
      else { return nil }
      return ForeignKeyEnds(
        name: object.name, child: object.table, parent: parent, definition: definition)
    }
    let known = Set(inPlace.map { "\($0.child) \($0.name)" })
    return (inPlace + aside.filter { !known.contains("\($0.child) \($0.name)") })
      .filter { parents.contains($0.parent) }
  }
}

/// Finds texts in parentheses, passing over quoted names.
private struct ParenthesisScanner {
  private var rest: Substring.UnicodeScalarView

  init(_ text: String) { rest = text[...].unicodeScalars }

  mutating func next() -> String? {
    var start: String.Index?
    var isQuoted = false
    for index in rest.indices {
      let scalar = rest[index]
      if scalar == "\"" { isQuoted.toggle() }
      guard !isQuoted else { continue }
      if scalar == "(", start == nil { start = rest.index(after: index) }
      guard scalar == ")", let begun = start else { continue }
      let found = String(Substring(rest[begun..<index]))
      rest = rest[rest.index(after: index)...]
      return found
    }
    return nil
  }
}
