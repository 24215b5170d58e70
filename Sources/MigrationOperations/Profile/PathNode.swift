import MigrationRows
import Mongo

/// What is known so far of the values under one path, with the paths below it.
final class PathNode {
  let name: String
  /// The name's bytes as they are in documents.
  let key: [UInt8]
  /// How many values there were of each BSON type, by the type's byte.
  var counts = [Int](repeating: 0, count: 256)
  var longest = 0
  var smallest = Int64.max
  var largest = Int64.min
  var smallestReal = Double.infinity
  var largestReal = -Double.infinity
  var oddities: [FieldProfile.Oddity: FieldProfile.Finding] = [:]
  /// The ids that values under this path ought to be among.
  var references: IDSet?
  private(set) var children: [PathNode] = []
  private var places: [[UInt8]: Int] = [:]
  /// Takes what has more names than anyone could read, as maps that are keyed by data do.
  private(set) var others: PathNode?

  static let mostChildren = 1000

  init(name: String, key: [UInt8]) { (self.name, self.key) = (name, key) }

  /// Finds the child with a name; documents of a collection mostly have their fields in one order.
  func child(_ name: UnsafeRawBufferPointer, near hint: Int) -> (node: PathNode, place: Int) {
    if hint < children.count, children[hint].key.elementsEqual(name) {
      return (children[hint], hint)
    }
    return find(Array(name))
  }

  private func find(_ name: [UInt8]) -> (node: PathNode, place: Int) {
    if let place = places[name] { return (children[place], place) }
    guard children.count < Self.mostChildren else {
      let others = others ?? PathNode(name: "*", key: [])
      self.others = others
      return (others, children.count)
    }
    let child = PathNode(name: String(decoding: name, as: UTF8.self), key: name)
    places[name] = children.count
    children.append(child)
    return (child, children.count - 1)
  }

  /// What represents an array's elements.
  private var elementNode: PathNode?

  func elements() -> PathNode {
    if let elementNode { return elementNode }
    let node = PathNode(name: "", key: [])
    elementNode = node
    return node
  }

  func count(_ type: BSONType) -> Int { counts[Int(type.rawValue)] }

  func note(_ oddity: FieldProfile.Oddity, in document: @autoclosure () -> String) {
    oddities[oddity, default: .init()].count += 1
    guard let finding = oddities[oddity], finding.examples.count < 3 else { return }
    let example = document()
    if !finding.examples.contains(example) { oddities[oddity]?.examples.append(example) }
  }
}

extension PathNode {
  /// Reports what was found here and below, the outer paths first.
  func profiles(_ steps: [FieldProfile.Step] = [], holders: Int, into list: inout [FieldProfile]) {
    let all = counts.reduce(0, +)
    // What was only expected is not there.
    guard all > 0 else { return }
    if !steps.isEmpty { list.append(profile(steps, holders)) }
    elementNode.map {
      $0.profiles(steps + [.elements], holders: $0.counts.reduce(0, +), into: &list)
    }
    for child in children + [others].compactMap({ $0 }) {
      child.profiles(steps + [.name(child.name)], holders: count(.document), into: &list)
    }
  }

  private func profile(_ steps: [FieldProfile.Step], _ holders: Int) -> FieldProfile {
    let nulls = count(.null) + count(.undefined)
    let types = BSONType.allCases.filter { $0 != .null && $0 != .undefined && count($0) > 0 }
      .map { FieldProfile.TypeCount(type: $0.alias, count: count($0)) }
      .sorted { $0.count > $1.count }
    let hasLength = [.string, .symbol, .binary, .array].contains { count($0) > 0 }
    return FieldProfile(
      steps, holders: holders, present: counts.reduce(0, +), nulls: nulls, types: types,
      longest: hasLength ? longest : nil, smallest: bound(smallest, smallestReal, wantsLess: true),
      largest: bound(largest, largestReal, wantsLess: false), oddities: oddities)
  }

  /// The end of the range of dates or, if there are none, of numbers.
  private func bound(_ whole: Int64, _ real: Double, wantsLess: Bool) -> String? {
    let hasDates = count(.date) > 0
    let hasWhole = count(.int32) + count(.int64) > 0
    if hasDates, !hasWhole { return Self.date(whole) }
    guard count(.double) > 0, real.isFinite else { return hasWhole ? "\(whole)" : nil }
    let other = Double(whole)
    if hasWhole, wantsLess ? other < real : other > real { return "\(whole)" }
    return "\(real)"
  }

  private static func date(_ milliseconds: Int64) -> String {
    guard ValueLook.dates.contains(milliseconds) else { return "\(milliseconds) ms since 1970" }
    let microseconds = (milliseconds - 946_684_800_000) * 1000
    return TextForm.string(Slot(.timestamptz, microseconds)) ?? ""
  }
}
