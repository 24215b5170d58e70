import MigrationBasics

/// What a feed's source was like when its chunks were cut.
///
/// Only the source itself knows what is in it: the ledger keeps it, and returns it.
package struct SourceState: Sendable, Hashable {
  package let json: JSONValue

  package init(json: JSONValue) { self.json = json }

  /// The member to which the ledger adds the snapshot of each run.
  package static let moments = "moments"
}
