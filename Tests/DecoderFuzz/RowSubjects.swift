import MigrationCore
import Mongo
import Postgres

/// Rows of a binary COPY, on their way through the machine to the target's.
final class RowSubject: Subject {
  let name = "COPY rows"
  let share = 3
  private let machines = RowPrograms.machines(documents: false)
  private let buffer = CopyBuffer()
  private var chosen = 0

  func input(_ random: inout SeededRandom) -> [UInt8] {
    chosen = random.below(machines.count)
    let samples = machines[chosen].source.samples
    let kinds = RowPrograms.kinds
    let others = random.chance(20) ? kinds[random.below(kinds.count)].samples : samples
    var mutator = Mutator(random: random)
    let value = others[mutator.random.below(others.count)]
    // The value alone is damaged as often as the frame around it.
    let isInside = mutator.random.chance(2)
    let inner = isInside ? mutator.mutate(value, with: samples[0] + [0]) : value
    let isNull = mutator.random.chance(30)
    let length = Int32(isNull ? -1 : inner.count).bigEndian
    let row = [0, 1] + withUnsafeBytes(of: length) { Array($0) } + (isNull ? [] : inner)
    let input = isInside ? row : mutator.mutate(row, with: row)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    try RowPromise.check(machines[chosen].machine, input, buffer)
  }
}

/// Documents on the same way.
final class DocumentRowSubject: Subject {
  let name = "rows of documents"
  let share = 4
  private let machines = RowPrograms.machines(documents: true)
  private let buffer = CopyBuffer()
  private var chosen = 0

  func input(_ random: inout SeededRandom) -> [UInt8] {
    chosen = random.below(machines.count)
    var generator = Generator(random: random)
    let document: BSONDocument = ["_id": 1, "v": generator.value()]
    let other = generator.document()
    var mutator = Mutator(random: generator.random)
    let input = mutator.mutate(document.bytes, with: other.bytes)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    try RowPromise.check(machines[chosen].machine, input, buffer)
  }
}

enum RowPromise {
  /// A row is made whole or not at all, and what is made is a row of one column.
  static func check(
    _ machine: RowMachine, _ input: [UInt8], _ buffer: CopyBuffer
  ) throws(BrokenPromise) -> Bool {
    buffer.removeAll()
    let verdict = input.withUnsafeBytes { machine.run($0, into: buffer) }
    guard verdict == .row else {
      guard buffer.count == 0 else {
        throw BrokenPromise(reason: "a rejected row left bytes behind")
      }
      // Its descriptions are made of the same bytes.
      _ = machine.reject
      return false
    }
    let isWhole = machine.withTargetRow { bytes in
      var reader = BinaryRowReader(bytes)
      let field = reader.next()
      return field != nil && reader.next() == nil && !reader.isDamaged
    }
    guard isWhole else { throw BrokenPromise(reason: "what was made is no row") }
    return true
  }
}
