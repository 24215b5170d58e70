/// Which row has which key and which fault, known for any row without making the others.
///
/// Sound rows refer to sound rows alone, so that each fault costs exactly the row that has it.
struct SampleLayout: Sendable {
  let seed: UInt64
  let size: SampleSize
  private let faultCounts: [Int]
  private let rowCounts: [Int]
  private let faults: [[SampleFault]]

  init(seed: UInt64, size: SampleSize, dirty share: Double) {
    (self.seed, self.size) = (seed, size)
    let tables = SampleTable.allCases
    rowCounts = tables.map { size[$0] }
    faults = tables.map(SampleFault.all)
    faultCounts = tables.map { table in
      guard share > 0 else { return 0 }
      let wanted = Int(Double(size[table]) * min(share, 1))
      // At most every second row, so that a sound one is never far.
      return min(max(wanted, SampleFault.all(of: table).count), size[table] / 2)
    }
  }

  /// The fault of a row; nil for a sound one.
  func fault(_ table: SampleTable, _ row: Int) -> SampleFault? {
    let (count, rows, list) = (
      faultCounts[table.index], rowCounts[table.index], faults[table.index]
    )
    let turn = row * count / rows
    guard turn != (row + 1) * count / rows else { return nil }
    return list[turn % list.count]
  }

  func key(_ table: SampleTable, _ row: Int) -> SampleKey {
    switch table.keyStyle {
    case .serial: return .number(row + 1)
    case .mixed where hasOldNumber(row) && fault(table, row) == nil: return .padded(row + 1)
    default: break
    }
    let fault = fault(table, row)
    if let fault, fault.kind == .duplicate {
      return laterKey(than: key(table, winner(table, row)), table, row)
    }
    var random = SampleRandom(seed: seed, table: table.index, row: row, purpose: 1)
    let (high, low) = (random.next(), random.next())
    return .uuid(high & ~0xF000 | 0x4000, low & (.max >> 2) | (1 << 63))
  }

  /// The sound row whose code a duplicate repeats; its key sorts before that of the duplicate.
  func winner(_ table: SampleTable, _ row: Int) -> Int {
    var random = SampleRandom(seed: seed, table: table.index, row: row, purpose: 2)
    var winner = random.below(row)
    while winner > 0,
      fault(table, winner) != nil || (table.keyStyle == .mixed && hasOldNumber(winner))
    {
      winner -= 1
    }
    return winner
  }

  /// A sound row of a table, for others to refer to.
  func soundRow(_ table: SampleTable, _ random: inout SampleRandom) -> Int {
    let rows = rowCounts[table.index]
    let start = random.below(rows)
    for row in start..<start + 3 where fault(table, row % rows) == nil { return row % rows }
    return 0
  }

  /// A row of a table that is set aside; nil where there is none.
  func quarantinedRow(_ table: SampleTable, _ random: inout SampleRandom) -> Int? {
    let (count, rows) = (faultCounts[table.index], rowCounts[table.index])
    guard count > 0 else { return nil }
    let start = random.below(count)
    for turn in (start..<start + count).map({ $0 % count }) {
      // The last row before the turn changes; the inverse of `fault`.
      let row = ((turn + 1) * rows + count - 1) / count - 1
      if fault(table, row)?.effect == .quarantined { return row }
    }
    return nil
  }

  private func hasOldNumber(_ row: Int) -> Bool { row % 10 == 3 }

  /// Half of the duplicates stand right behind their winner, the others somewhere after it.
  private func laterKey(than winner: SampleKey, _ table: SampleTable, _ row: Int) -> SampleKey {
    guard case .uuid(let high, let low) = winner else { return winner }
    var random = SampleRandom(seed: seed, table: table.index, row: row, purpose: 3)
    let first = Int(high >> 56)
    if random.oneIn(2) || first == 0xFF { return .uuid(high, low &+ 1 &+ random.next() % 65_536) }
    let later = UInt64(random.within(first + 1...0xFF))
    return .uuid(later << 56 | random.next() >> 8 & ~0xF000 | 0x4000, low)
  }
}

/// A key of a legacy row.
enum SampleKey: Hashable {
  case uuid(UInt64, UInt64)
  case number(Int)
  /// A number of at least seven digits, with zeros before it.
  case padded(Int)
}
