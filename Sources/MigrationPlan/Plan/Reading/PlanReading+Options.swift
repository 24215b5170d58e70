import MigrationBasics

/// What a table says besides its columns: unique sets, checks, chunks, loading.
extension PlanReading {
  mutating func uniqueSets(_ node: JSONNode) -> [[String]] {
    let wanted = "a list of columns, or of lists of columns (each list unique together)"
    let sets = (list(node, wanted) ?? []).compactMap { element -> [String]? in
      let columns = texts(element, "the name of a column") ?? []
      if columns.isEmpty { fault(element, "the set has no columns", "name the columns") }
      noteRepeated(columns, element)
      return columns.isEmpty ? nil : columns
    }
    for (index, set) in sets.enumerated() where sets[..<index].contains(where: { $0 == set }) {
      fault(node, "\(set.joined(separator: ", ")) is named twice", "name it once")
    }
    return sets
  }

  mutating func checks(_ node: JSONNode) -> [RowCheck] {
    let wanted = "an object with a condition for each check: { name: \"a < b\" }"
    return (members(node, wanted) ?? []).compactMap { check($0) }
  }

  private mutating func check(_ member: JSONNode.Member) -> RowCheck? {
    let node = member.value
    if case .text = node.content {
      return check(member, that: node, failure: .quarantine)
    }
    guard object(node, "a condition such as \"a < b\"", keys: PlanWords.check) != nil,
      let that = required("that", of: node, "add the condition: that: \"a < b\"")
    else { return nil }
    let words = [FailurePolicy.quarantine, .keep].map(\.rawValue)
    let failure = node["orElse"].flatMap { choice($0, of: words) }.flatMap(FailurePolicy.init)
    return check(member, that: that, failure: failure ?? .quarantine)
  }

  private mutating func check(
    _ member: JSONNode.Member, that node: JSONNode, failure: FailurePolicy
  ) -> RowCheck? {
    guard let text = text(node, "a condition such as \"a < b\"") else { return nil }
    guard let condition = CheckCondition(text) else {
      fault(
        node, "\"\(text)\" is not a condition between a column and a column or a number",
        "write it as \"column < other_column\" or \"column >= 0\"; "
          + "operators: < <= > >= = !=; put names with blanks between \"\"")
      return nil
    }
    return RowCheck(
      name: member.key, left: condition.left, comparison: condition.comparison,
      right: condition.right, failure: failure, place: place(member.keyPosition))
  }

  mutating func chunk(_ node: JSONNode) -> ChunkSize? {
    if case .number = node.content {
      return integer(node, in: 1...100_000_000).map(ChunkSize.rows)
    }
    guard case .text("auto") = node.content else {
      let remedy = "write chunk: \"auto\" or chunk: 5000"
      mismatch(node, wanted: "\"auto\" or a number of rows", remedy: remedy)
      return nil
    }
    return .automatic
  }

  mutating func loading(_ node: JSONNode) -> Loading? {
    guard object(node, "an object with setAside", keys: PlanWords.loading) != nil else {
      return nil
    }
    let words = Loading.SuspendedObjects.allCases.map(\.rawValue)
    let setAside = node["setAside"].flatMap { choice($0, of: words) }
      .flatMap(Loading.SuspendedObjects.init)
    return Loading(setAside: setAside ?? .auto)
  }
}

/// The text of a check, such as `effective_date < expiry_date`, taken apart.
struct CheckCondition {
  let left: String
  let comparison: RowCheck.Comparison
  let right: RowCheck.Operand

  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard let left = Self.operand(&rest), case .column(let column) = left,
      let comparison = Self.comparison(&rest), let right = Self.operand(&rest), rest.isEmpty
    else { return nil }
    (self.left, self.comparison, self.right) = (column, comparison, right)
  }

  private static func skipBlanks(_ rest: inout ArraySlice<UInt8>) {
    rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  private static func comparison(_ rest: inout ArraySlice<UInt8>) -> RowCheck.Comparison? {
    let sign = rest.prefix { "<>=!".utf8.contains($0) }
    rest = rest.dropFirst(sign.count)
    return RowCheck.Comparison(rawValue: String(decoding: sign, as: UTF8.self))
  }

  private static func operand(_ rest: inout ArraySlice<UInt8>) -> RowCheck.Operand? {
    skipBlanks(&rest)
    defer { skipBlanks(&rest) }
    let quote = UInt8(ascii: "\"")
    if rest.first == quote {
      let name = rest.dropFirst().prefix { $0 != quote }
      guard !name.isEmpty, rest.count > name.count + 1 else { return nil }
      rest = rest.dropFirst(name.count + 2)
      return .column(String(decoding: name, as: UTF8.self))
    }
    let word = rest.prefix { $0 > UInt8(ascii: " ") && !"<>=!\"".utf8.contains($0) }
    rest = rest.dropFirst(word.count)
    let text = String(decoding: word, as: UTF8.self)
    guard let first = word.first else { return nil }
    if first.isDigit || first == UInt8(ascii: "-") {
      return JSONValue.isNumeral(text) ? .number(text) : nil
    }
    let isName = word.allSatisfy {
      $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 >= 0x80
    }
    return isName ? .column(text) : nil
  }
}
