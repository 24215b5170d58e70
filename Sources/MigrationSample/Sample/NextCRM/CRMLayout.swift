import Mongo

/// Which document has which id and which fault, known for any document without making the others.
///
/// Sound documents refer to sound ones alone, so that a fault costs exactly its own document or pair.
struct CRMLayout: Sendable {
  let seed: UInt64
  let sizes: [Int]
  let faults: [[CRMFault]]
  private let turns: [SampleTurns]

  init(seed: UInt64, contacts: Int, dirty share: Double) {
    self.seed = seed
    let faults = CRMCollections.all.map { CRMFault.all(of: $0) }
    self.faults = faults
    sizes = zip(CRMCollections.all, faults).map { collection, faults in
      let wanted = collection.size(max(1, contacts))
      guard share > 0, collection.name != "crm_Contacts" else { return wanted }
      // Small collections grow, so that each fault has its place.
      let needed = min(20_000, (Double(faults.count) / share).rounded(.up))
      return max(wanted, Int(needed))
    }
    turns = zip(sizes, faults).map { size, faults in
      SampleTurns(
        rows: size, count: SampleTurns.count(rows: size, share: share, kinds: faults.count))
    }
  }

  func fault(_ collection: Int, _ row: Int) -> CRMFault? {
    let list = faults[collection]
    return turns[collection].turn(row).map { list[$0 % list.count] }
  }

  /// Whether the document is in the target afterwards.
  func isLoaded(_ collection: Int, _ row: Int) -> Bool {
    fault(collection, row).map { $0.effect != .quarantined } ?? true
  }

  /// A document of a collection that is loaded, for others to refer to.
  func soundRow(_ collection: Int, _ random: inout SampleRandom) -> Int {
    let rows = sizes[collection]
    let start = random.below(rows)
    for row in start..<start + 3 where fault(collection, row % rows) == nil { return row % rows }
    return 0
  }

  /// The sound document before this one whose value a duplicate repeats.
  func winner(_ collection: Int, _ row: Int) -> Int {
    var winner = max(0, row - 1)
    while winner > 0, fault(collection, winner) != nil { winner -= 1 }
    return winner
  }

  /// The id of a document; ids of a collection grow with its rows.
  func id(_ collection: Int, _ row: Int) -> ObjectID {
    let span = 300_000_000
    let seconds = 1_430_000_000 + row * span / sizes[collection]
    return ObjectID(seconds: UInt32(seconds), rest: origin(collection) | UInt64(UInt32(row)))
  }

  /// An id that no document has.
  func strangeID(_ collection: Int, _ row: Int) -> ObjectID {
    ObjectID(seconds: 1_200_000_000, rest: origin(collection) | UInt64(UInt32(row)))
  }

  private func origin(_ collection: Int) -> UInt64 {
    var random = SampleRandom(seed: seed, table: collection, row: 0, purpose: 7)
    return random.next() & ~0xFFFF_FFFF
  }
}
