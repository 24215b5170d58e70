/// A table that is to be rolled back, whole or in part.
struct ChosenTable: Hashable {
  let state: TableState
  /// The snapshot after which its chunks go; nil takes all of it out.
  var since: String?
}
