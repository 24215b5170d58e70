/// Returns the name that was probably meant by a mistyped one; nil when none is near.
///
/// Letter case counts for nothing, two letters swapped count as one slip, and the number of slips
/// allowed grows with the length of the name: one up to five letters, two up to eight, three beyond.
package func nearest(to text: String, in names: some Sequence<String>) -> String? {
  let wanted = Array(text.lowercased().utf8)
  guard wanted.count <= 64 else { return nil }
  let allowed = wanted.count <= 5 ? 1 : wanted.count <= 8 ? 2 : 3
  var best: (name: String, distance: Int)?
  for name in names {
    let candidate = Array(name.lowercased().utf8)
    guard abs(candidate.count - wanted.count) <= allowed else { continue }
    let distance = editDistance(wanted, candidate)
    if distance <= allowed, distance < min(wanted.count, candidate.count),
      distance < best?.distance ?? .max
    {
      best = (name, distance)
    }
  }
  return best?.name
}

/// Returns ", did you mean X?" for the nearest name, or nothing.
package func suggestion(for text: String, in names: some Sequence<String>) -> String {
  nearest(to: text, in: names).map { ", did you mean \($0)?" } ?? ""
}

/// Counts the slips between two words: a letter more, less, changed, or two neighbours swapped.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      let change = previous[column] + (letter == other ? 0 : 1)
      var cost = min(change, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[right.count]
}
