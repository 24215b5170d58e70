import MigrationRows
import Mongo

/// Notes what is worth knowing of one value that is neither a document nor an array.
struct ValueLook {
  let node: PathNode
  let value: FieldView

  func look(_ document: () -> String) {
    switch value.type {
    case .string, .symbol: text(document)
    case .binary: node.longest = max(node.longest, value.binary.count)
    case .date: date(document)
    case .int32: whole(value.payload, document)
    case .int64: whole(value.payload, document)
    case .double: real(document)
    default: break
    }
  }

  private func text(_ document: () -> String) {
    let text = value.text
    guard let start = text.baseAddress, !text.isEmpty else {
      return node.note(.emptyText, in: document())
    }
    node.longest = max(node.longest, TextScan.characters(start, text.count))
    switch TextScan.problem(start, text.count) {
    case .nulByte: node.note(.nulByte, in: document())
    case .badUTF8: node.note(.badUTF8, in: document())
    default: break
    }
    if Self.isBlank(text[0]) || Self.isBlank(text[text.count - 1]) {
      node.note(.outerBlanks, in: document())
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  private func date(_ document: () -> String) {
    let moment = value.payload
    node.smallest = min(node.smallest, moment)
    node.largest = max(node.largest, moment)
    if !Self.dates.contains(moment) { node.note(.dateOutOfRange, in: document()) }
  }

  private func whole(_ number: Int64, _ document: () -> String) {
    node.smallest = min(node.smallest, number)
    node.largest = max(node.largest, number)
    if Int32(exactly: number) == nil { node.note(.beyondInteger, in: document()) }
  }

  private func real(_ document: () -> String) {
    let number = value.double
    guard number.isFinite else { return node.note(.notFinite, in: document()) }
    node.smallestReal = min(node.smallestReal, number)
    node.largestReal = max(node.largestReal, number)
    guard number == number.rounded(.towardZero) else {
      return node.note(.fraction, in: document())
    }
    if Int64(exactly: number) == nil {
      node.note(.beyondBigint, in: document())
    } else if Int32(exactly: number) == nil {
      node.note(.beyondInteger, in: document())
    }
  }

  /// The milliseconds since 1970 that a timestamp of PostgreSQL can hold: 4713 BC to 294276 AD.
  static let dates: ClosedRange<Int64> = -210_866_803_200_000...9_224_318_015_999_999
}
