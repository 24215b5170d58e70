import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

/// The mark of a restore goes, and nothing else with it.
@Suite struct RestoreMarkerTests {
  @Test func whatOthersKeepBesideTheMarkStays() throws {
    let database = try TemporaryDatabase("marker")
    let connection = try Connection(to: ConnectionString(database.url))
    try RestoreMarker.set(connection, backup: "b", id: "1")
    try RestoreMarker.clear(connection)
    #expect(try psql(database.url, "select to_regnamespace('migrate_restore')") == "")
    try RestoreMarker.set(connection, backup: "b", id: "1")
    try psql(database.url, "create table migrate_restore.mine as select 42 as id")
    try RestoreMarker.clear(connection)
    #expect(try RestoreMarker.read(connection) == nil)
    #expect(try psql(database.url, "select id from migrate_restore.mine") == "42")
  }
}
