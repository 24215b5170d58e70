/// A table that is to be rolled back, whole or in part.
package struct ChosenTable: Hashable {
  package let state: TableState
  /// The snapshot after which its chunks are deleted; nil deletes all of it.
  package var since: String?

  package init(state: TableState, since: String? = nil) {
    self.state = state
    self.since = since
  }

}
