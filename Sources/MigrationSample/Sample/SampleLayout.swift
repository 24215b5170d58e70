/// Which row has which key and which fault, known for any row without making the others.
///
/// Sound rows refer to sound rows alone, so that each fault costs exactly the row that has it.
struct SampleLayout: Sendable {
  let seed: UInt64
  let size: SampleSize
  private let turns: [SampleTurns]
  private let faults: [[SampleFault]]

  init(seed: UInt64, size: SampleSize, dirty share: Double) {
    (self.seed, self.size) = (seed, size)
    let tables = SampleTable.allCases
    faults = tables.map(SampleFault.all)
    turns = tables.map { table in
      let kinds = SampleFault.all(of: table).count
      return SampleTurns(
        rows: size[table], count: SampleTurns.count(rows: size[table], share: share, kinds: kinds))
    }
  }

  /// The fault of a row; nil for a sound one.
  func fault(_ table: SampleTable, _ row: Int) -> SampleFault? {
    let list = faults[table.index]
    return turns[table.index].turn(row).map { list[$0 % list.count] }
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
    let rows = turns[table.index].rows
    let start = random.below(rows)
    for row in start..<start + 3 where fault(table, row % rows) == nil { return row % rows }
    return 0
  }

  /// A row of a table that is quarantined; nil if there is none.
  func quarantinedRow(_ table: SampleTable, _ random: inout SampleRandom) -> Int? {
    let turns = turns[table.index]
    guard turns.count > 0 else { return nil }
    let start = random.below(turns.count)
    for turn in (start..<start + turns.count).map({ $0 % turns.count }) {
      let row = turns.row(turn)
      if fault(table, row)?.effect == .quarantined { return row }
    }
    return nil
  }

  private func hasOldNumber(_ row: Int) -> Bool { row % 10 == 3 }

  /// Half of the duplicates follow the kept row immediately, the others later.
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
