import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

/// Where rows are read from, shared by all lanes.
package protocol RowSource: Sendable {
  /// Whether all that was read so far was there at one moment.
  var isOneMoment: Bool { get }

  /// Whether all that runs ever read of it is the same: a file, and no database.
  var isFrozen: Bool { get }

  /// Takes note that the source changed while it was read.
  func noteChange()

  /// Opens a way to read, for one thread.
  ///
  /// - Parameter timeout: how long one operation may take; nil is for ever.
  func open(timeout: Duration?) throws -> any RowReader

  /// Gives back what the source keeps for its readers.
  func release()

  /// Closes connections that no reader has needed for so long, but those that hold a snapshot.
  func close(idleFor time: Duration)

  /// Whether the server answers within a time, on a connection that is there anyway.
  ///
  /// - Returns: nil if there is no server, or no connection yet.
  func answers(within time: Duration) throws -> Bool?
}

extension RowSource {
  package var isFrozen: Bool { false }
  package func close(idleFor time: Duration) {}
  package func answers(within time: Duration) throws -> Bool? { nil }
}

/// A way to read from a source, for one thread at a time.
///
/// Its calls are for chunks and feeds, never for single rows. Failures are `PostgresError`s or
/// `SourceError`s, which say whether another try may help.
package protocol RowReader: AnyObject {
  /// Whether it can still be used after a failure.
  var isUsable: Bool { get }

  /// What cancels its statements from another thread.
  var cancels: [any Cancelling] { get }

  /// The reader that the source itself has opened, without what is put around it.
  var base: any RowReader { get }

  /// Makes reading rest between rows; nil reads as fast as it goes.
  var throttle: Throttle? { get }

  /// Lists what a plan may read.
  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog

  /// Lists the collections; none if there are tables.
  func collections() throws -> [String]

  /// Lists the views of MongoDB, each with the stages of its pipeline.
  func views() throws -> [String: [String]]

  /// Finds out what a feed reads.
  ///
  /// - Parameter condition: a further condition on the rows, in the source's own language.
  func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed
}

extension RowReader {
  package var cancels: [any Cancelling] { [] }
  package var base: any RowReader { self }
  package var throttle: Throttle? { nil }
  package func collections() throws -> [String] { [] }
  package func views() throws -> [String: [String]] { [:] }
}

/// Ends what a connection is doing, from any thread.
package protocol Cancelling: Sendable {
  func send() throws
}

extension CancelHandle: Cancelling {}
