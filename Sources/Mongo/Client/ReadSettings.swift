import CMongoDriver

/// Which servers of a replica set may answer a read.
public enum ReadPreference: String, Sendable, CaseIterable {
  case primary, primaryPreferred, secondary, secondaryPreferred, nearest

  var mode: mongoc_read_mode_t {
    switch self {
    case .primary: MONGOC_READ_PRIMARY
    case .primaryPreferred: MONGOC_READ_PRIMARY_PREFERRED
    case .secondary: MONGOC_READ_SECONDARY
    case .secondaryPreferred: MONGOC_READ_SECONDARY_PREFERRED
    case .nearest: MONGOC_READ_NEAREST
    }
  }

  init?(mode: mongoc_read_mode_t) {
    guard let match = Self.allCases.first(where: { $0.mode == mode }) else { return nil }
    self = match
  }

  /// Lends the C object for the length of the call.
  func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
    let preference: OpaquePointer = mongoc_read_prefs_new(mode)
    defer { mongoc_read_prefs_destroy(preference) }
    return try body(preference)
  }
}

/// How settled the data of a read must be.
public enum ReadConcern: String, Sendable, CaseIterable {
  case local, available, majority, linearizable, snapshot
}
