import MigrationRows
import Postgres
import Synchronization

/// Loads the tables that rows are looked up in from the target, each once a run.
package final class LookupLoading: Sendable {
  private let schema: String
  private let loaded = Mutex<[ReferenceSpec: LookupTable]>([:])

  /// Gives a temporary table with rows that the target will have and has not yet; nil for none.
  private let rehearse: (@Sendable (String, Connection) throws -> String?)?

  package init(
    schema: String, rehearse: (@Sendable (String, Connection) throws -> String?)? = nil
  ) {
    (self.schema, self.rehearse) = (schema, rehearse)
  }

  /// Returns the look-up table for a reference, loading it if it is not there yet.
  package func table(for spec: ReferenceSpec, _ target: Connection) throws -> LookupTable {
    if let table = loaded.withLock({ $0[spec] }) { return table }
    let builder = LookupTableBuilder()
    let name = try SQL.identifier(schema: schema, spec.table)
    var query = "SELECT \(spec.selectList) FROM \(name)"
    if let rehearsed = try rehearse?(spec.table, target) {
      query += " UNION ALL SELECT \(spec.selectList) FROM \(rehearsed)"
    }
    let rows = try target.copyOut("COPY (\(query)) TO STDOUT (FORMAT binary)")
    while try rows.next({ builder.insert(row: $0) }) {}
    let table = builder.finish()
    loaded.withLock { $0[spec] = table }
    return table
  }

  /// Gives back the memory of tables that none of the tables to come looks anything up in.
  package func keep(only tables: Set<String>) {
    loaded.withLock { $0 = $0.filter { tables.contains($0.key.table) } }
  }

  /// The memory that the tables take.
  package var byteCount: Int { loaded.withLock { $0.values.reduce(0) { $0 + $1.byteCount } } }
}
