import MigrationBasics
import Mongo
import Postgres

/// What mongodump wrote, read in the place of the database that it was made of.
final class DumpFiles: RowSource {
  private let dump: any DumpSource

  init(_ place: DatabaseURL, setting: String) throws {
    do {
      dump = try Dump.open(place.connectionString)
    } catch {
      throw MigrationError(
        .coded(.connection), "the dump can't be opened: \(error)", reason: "dump",
        place: place.redacted, remedy: "check the path in \(setting)")
    }
  }

  var isOneMoment: Bool { true }
  var isFrozen: Bool { true }
  func noteChange() {}
  func open(timeout: Duration?) -> any RowReader { DumpReader(dump) }
  func release() {}
}
