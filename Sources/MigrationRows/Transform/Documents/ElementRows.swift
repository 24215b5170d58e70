import Mongo

/// The elements of the arrays that a path leads to, of which each is a row.
///
/// Arrays on the way are gone through, and arrays in those, so that no element is omitted; a key that
/// is a number takes one element of an array. Elements come in the order in which they are in the
/// document, which numbers them. A value that is no array counts as an array of one; what is null or
/// missing, or has no such key, makes no row.
package struct ElementRows {
  /// An array whose elements are gone through, and how many keys of the path lead to it.
  private struct Level {
    var scan: BSONScan
    let step: Int
  }

  private var path = UnsafeBufferPointer<Slot>(start: nil, count: 0)
  private let levels: UnsafeMutablePointer<Level>
  private var depth = 0
  /// A value that is no array.
  private var single: Slot?
  /// Whether nothing was damaged so far.
  package private(set) var isSound = true
  /// How many elements were taken.
  package private(set) var taken = 0

  init() { levels = .allocate(capacity: BSONLimits.depth) }

  package func free() { levels.deallocate() }

  /// Forgets the document.
  package mutating func close() { (depth, taken, single, isSound) = (0, 0, nil, true) }

  /// Begins with the elements that a path leads to from a value.
  package mutating func open(_ value: Slot, path: UnsafeBufferPointer<Slot>, in arena: inout Arena)
  {
    close()
    self.path = path
    single = enter(value, 0, in: &arena)
  }

  /// Takes the next element; nil behind the last, and if `isSound` turns false.
  package mutating func next(in arena: inout Arena) -> Slot? {
    if let value = single {
      single = nil
      taken &+= 1
      return value
    }
    while depth > 0, isSound {
      guard levels[depth &- 1].scan.next() else {
        isSound = levels[depth &- 1].scan.isSound
        depth &-= 1
        continue
      }
      let (scan, step) = (levels[depth &- 1].scan, levels[depth &- 1].step)
      let value = BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      guard let element = step == path.count ? value : enter(value, step, in: &arena) else {
        continue
      }
      taken &+= 1
      return element
    }
    return nil
  }

  /// Follows the path on from a value: returns what it leads to if that is no array, and else makes
  /// the array's elements the next ones.
  private mutating func enter(_ value: Slot, _ step: Int, in arena: inout Arena) -> Slot? {
    var (value, step) = (value, step)
    while true {
      switch value.kind {
      case .null: return nil
      case .document where step < path.count:
        value = BSONPart.member(of: value, key: path[step], in: &arena)
        step += 1
      case .list:
        guard step < path.count, let number = BSONPart.index(path[step]) else {
          push(value, step)
          return nil
        }
        value = BSONPart.element(of: value, number: number, in: &arena)
        step += 1
      case .failed where value.reason == .corruptRow:
        isSound = false
        return nil
      default: return step < path.count ? nil : value
      }
    }
  }

  private mutating func push(_ list: Slot, _ step: Int) {
    // No server stores such a document.
    guard depth < BSONLimits.depth else {
      isSound = false
      return
    }
    (levels + depth).initialize(to: Level(scan: BSONScan(list.start, list.length), step: step))
    depth += 1
  }
}

/// Counts the rows that documents make whose arrays' elements are the rows, as a run reads them.
package final class ElementCounter {
  private let owner = MemoryOwner()
  private let path: UnsafeBufferPointer<Slot>
  private var rows = ElementRows()
  private var arena = Arena()

  package init(_ path: [String]) {
    let owner = owner
    self.path = owner.keep(
      path.map { key in
        let bytes = Array(key.utf8)
        return Slot(.text, owner.keep(bytes: bytes), bytes.count)
      })
  }

  deinit {
    rows.free()
    arena.free()
  }

  /// How many rows a document makes; one that can't be read to its end makes one more.
  package func count(_ document: UnsafeRawBufferPointer) -> Int {
    guard let start = document.baseAddress else { return 0 }
    arena.reset()
    rows.open(Slot(.document, start, document.count), path: path, in: &arena)
    let mark = arena.mark
    while rows.next(in: &arena) != nil { arena.rewind(to: mark) }
    return rows.taken + (rows.isSound ? 0 : 1)
  }
}
