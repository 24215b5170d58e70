import Mongo
import Postgres

/// The versions of the C libraries in this process.
public struct LibraryVersions: Sendable {
  public let libpq: String
  public let libmongoc: String

  public static var current: LibraryVersions {
    LibraryVersions(
      libpq: ServerVersion.ofClientLibrary.description, libmongoc: MongoLibrary.driverVersion)
  }
}
