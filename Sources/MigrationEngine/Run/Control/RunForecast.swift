/// Whether a run with a time limit is expected to finish, reported before it begins.
public struct RunForecast: Sendable, Hashable {
  /// What the speed was taken from.
  package enum Basis: Sendable, Hashable {
    /// So many chunks that earlier runs of the plan committed to this target.
    case earlierChunks(Int)
    /// A number of rows that were moved into a table and rolled back.
    case sample(table: String, rows: Int)
  }

  package let basis: Basis
  /// What is left, in the bytes that it takes in the source.
  public let bytesLeft: Int
  /// Bytes of the source that are moved in a second.
  public let bytesPerSecond: Double
  /// How long the run may take.
  public let allowed: Duration

  /// How long it will take at that speed; building indexes is not in it.
  public var expected: Duration { .seconds(Double(bytesLeft) / max(1, bytesPerSecond)) }

  public var isExpectedToFinish: Bool { expected <= allowed }
}
