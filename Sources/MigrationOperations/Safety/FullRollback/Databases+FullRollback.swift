import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

extension Databases {
  /// Returns the full rollback of the target that is not over; nil if there is none.
  package func fullRollback() throws -> FullRollbackState? {
    let place = try postgres(.target)
    do {
      let connection = try place.connect()
      return try FullRollbackMark.find(connection, target: connection.facts.database)?.state
    } catch let error as MigrationError {
      // The target takes no connections: another database of its server shows why.
      guard error.reason == FullRollbackMark.reason else { throw error }
      return try TargetServer(place).mark()?.state
    }
  }
}
