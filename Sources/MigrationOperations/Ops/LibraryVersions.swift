import CLateLibraries
import Mongo
import Postgres

/// The versions of the C libraries that this process loads, or nil if one is missing on this machine.
package struct LibraryVersions: Sendable {
  package let libpq: String?
  package let libmongoc: String?

  package static var current: LibraryVersions {
    LibraryVersions(
      libpq: late_missing_libpq() == nil ? ServerVersion.ofClientLibrary.description : nil,
      libmongoc: late_missing_libmongoc() == nil ? MongoLibrary.driverVersion : nil)
  }
}
