import MigrationPlan
import Postgres

/// How many decimal places amounts of type money have in a database.
///
/// A value is a whole number of the smallest coin. What that coin is, only `lc_monetary` of the database says,
/// and sessions of this program set that to C, where a hundred of them make one.
enum MoneyDigits {
  /// Those of the settings of this program's sessions.
  static let ofSessions = 2

  /// Asks the database, whose own setting counts for a moment.
  static func read(_ connection: Connection) throws -> Int {
    try connection.query(
      """
      SELECT pg_catalog.set_config(name, reset_val, false) FROM pg_catalog.pg_settings
      WHERE name = 'lc_monetary'
      """)
    let digits = try connection.query("SELECT pg_catalog.scale((0::money)::numeric)").int(0, 0)
    try connection.query("SELECT pg_catalog.set_config('lc_monetary', 'C', false)")
    return digits ?? ofSessions
  }
}

extension Sequence where Element == PostgresTable {
  var haveMoney: Bool { contains { $0.columns.contains { $0.type.hasMoney } } }
}
