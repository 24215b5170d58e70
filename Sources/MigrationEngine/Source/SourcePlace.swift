import MigrationBasics
import Postgres

/// Where the source of a migration is.
public struct SourcePlace: Sendable {
  package let kind: any SourceKind

  package init(_ kind: any SourceKind) { self.kind = kind }

  /// A PostgreSQL database.
  public static func postgres(_ place: ConnectionString) -> SourcePlace {
    SourcePlace(PostgresKind(place))
  }

  /// Returns the views of MongoDB, each with the stages of its pipeline.
  package func views() throws -> [String: [String]] {
    try source().open(timeout: nil).views()
  }

  /// - Parameters:
  ///   - locks: what must stay as it is while it is read; only tables can be locked.
  ///   - inLanes: whether several sessions read chunks at once.
  package func source(
    connectTimeout: Duration? = nil, reading: ReadingLimits = ReadingLimits(),
    locks: SourceTableLocks = .none, inLanes: Bool = false
  ) throws -> any RowSource {
    var opening = SourceOpening()
    (opening.connectTimeout, opening.locks, opening.inLanes) = (connectTimeout, locks, inLanes)
    let source = try kind.open(opening)
    return reading == ReadingLimits() ? source : PacedSource(source, reading)
  }
}
