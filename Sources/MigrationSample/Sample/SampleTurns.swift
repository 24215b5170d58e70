/// Which rows of a table are faulty: a given number of them, spread evenly, each kind in its turn.
struct SampleTurns: Sendable {
  let rows: Int
  let count: Int

  /// Returns the turn of a faulty row, from zero; nil for a sound one.
  func turn(_ row: Int) -> Int? {
    let turn = row * count / rows
    return turn == (row + 1) * count / rows ? nil : turn
  }

  /// Returns the faulty row whose turn it is.
  func row(_ turn: Int) -> Int { ((turn + 1) * rows + count - 1) / count - 1 }

  /// How many rows are faulty at a share, when there are so many kinds of faults: each kind has its
  /// turn, and at most every second row, so that a sound one is never far.
  static func count(rows: Int, share: Double, kinds: Int) -> Int {
    guard share > 0, kinds > 0 else { return 0 }
    return min(max(Int(Double(rows) * min(share, 1)), kinds), rows / 2)
  }
}
