import CLateLibraries
import Mongo
import Postgres

/// The versions of the C libraries that this process loads, or nil where one is missing on this machine.
public struct LibraryVersions: Sendable {
  public let libpq: String?
  public let libmongoc: String?

  public static var current: LibraryVersions {
    LibraryVersions(
      libpq: late_missing_libpq() == nil ? ServerVersion.ofClientLibrary.description : nil,
      libmongoc: late_missing_libmongoc() == nil ? MongoLibrary.driverVersion : nil)
  }
}
