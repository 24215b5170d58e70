import MigrationBasics
import Mongo

/// Opens a dump and describes what it lists, without reading its documents.
struct DumpProbe {
  let database: ConfiguredDatabase

  func run() throws(MigrationError) -> DatabaseFacts {
    let dump: any DumpSource
    do {
      dump = try Dump.open(database.url.connectionString)
    } catch {
      throw MigrationError(
        .coded(.connection), "could not open the dump: \(error)", reason: "dump",
        place: database.url.redacted, remedy: "check the path in \(database.setting)")
    }
    let collections = dump.collections.filter { !$0.isSystem }
    let databases = Set(collections.map(\.database)).sorted()
    let byteCount = collections.reduce(0) { $0 + Int($1.byteCount ?? 0) }
    var facts = DatabaseFacts(
      product: "mongodump files", serverVersion: "", driver: "built in", place: dump.path,
      database: databases.joined(separator: ", "), user: nil, tls: nil, roundTrips: [],
      tableCount: collections.count, byteCount: byteCount,
      readOnlyReason: "it is a dump", clockSkew: nil, noun: "collection", isFile: true)
    facts.notes = dump.notes
    return facts
  }
}
