import Mongo

/// Opens a dump and counts what it lists.
struct DumpProbe {
  let database: ConfiguredDatabase

  func run() throws(MigrationError) -> DatabaseFacts {
    throw MigrationError(.failed, "dumps are not read yet", place: database.url.redacted)
  }
}
