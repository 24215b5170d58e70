/// The pairs of one relation, as each of its sides knows them.
///
/// Most pairs are on both sides; some on one alone, some twice in one array.
struct CRMPairs: Sendable {
  /// The rows of the other side that a row has in its array.
  struct Side: Sendable {
    fileprivate(set) var starts: [UInt32] = []
    fileprivate(set) var others: [UInt32] = []

    subscript(row: Int) -> ArraySlice<UInt32> {
      others[Int(starts[row])..<Int(starts[row + 1])]
    }
  }

  private(set) var first = Side()
  private(set) var second = Side()
  /// Different pairs.
  private(set) var count = 0
  private(set) var onlyFirst = 0
  private(set) var onlySecond = 0

  init(_ relation: CRMRelation, number: Int, _ layout: CRMLayout) {
    let one = CRMCollections.index(relation.first)
    let other = CRMCollections.index(relation.second)
    var backward: [(row: UInt32, other: UInt32)] = []
    first.starts.append(0)
    for row in 0..<layout.sizes[one] {
      if layout.isLoaded(one, row) {
        var random = SampleRandom(seed: layout.seed, table: 100 + number, row: row)
        for partner in Self.partners(of: row, other, layout, &random) {
          add(row, partner, relation, &backward, &random)
        }
      }
      first.starts.append(UInt32(first.others.count))
    }
    sortBackward(backward, rows: layout.sizes[other])
  }

  private static func partners(
    of row: Int, _ other: Int, _ layout: CRMLayout, _ random: inout SampleRandom
  ) -> [Int] {
    var partners: [Int] = []
    for _ in 0..<random.below(3) {
      let partner = layout.soundRow(other, &random)
      if layout.isLoaded(other, partner), !partners.contains(partner) { partners.append(partner) }
    }
    return partners
  }

  private mutating func add(
    _ row: Int, _ partner: Int, _ relation: CRMRelation,
    _ backward: inout [(row: UInt32, other: UInt32)], _ random: inout SampleRandom
  ) {
    count += 1
    let luck = relation.hasTwoSides ? random.below(20) : 20
    if luck == 0 { onlyFirst += 1 }
    if luck == 1 { onlySecond += 1 }
    if luck != 1 {
      first.others.append(UInt32(partner))
      if random.oneIn(50) { first.others.append(UInt32(partner)) }
    }
    if luck != 0, relation.hasTwoSides { backward.append((UInt32(partner), UInt32(row))) }
  }

  /// Puts the second side's pairs in the order of its rows, by counting.
  private mutating func sortBackward(_ pairs: [(row: UInt32, other: UInt32)], rows: Int) {
    var starts = [UInt32](repeating: 0, count: rows + 1)
    for pair in pairs { starts[Int(pair.row) + 1] += 1 }
    for row in 0..<rows { starts[row + 1] += starts[row] }
    var next = starts
    second.others = [UInt32](repeating: 0, count: pairs.count)
    for pair in pairs {
      second.others[Int(next[Int(pair.row)])] = pair.other
      next[Int(pair.row)] += 1
    }
    second.starts = starts
  }
}
