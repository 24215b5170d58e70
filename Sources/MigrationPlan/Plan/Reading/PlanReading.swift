import MigrationBasics

/// The reading of one plan's file: what it means so far, and all that is wrong with it.
///
/// Every method takes a node and returns what it means, or nil after it has noted a fault; reading
/// always continues, so that one try shows every fault.
struct PlanReading {
  let file: String
  private(set) var faults: [PlanFault] = []
  /// The tables that references name, with their places.
  var mentions: [(table: String, place: PlanPlace)] = []

  init(file: String) { self.file = file }

  func place(_ position: TextPosition) -> PlanPlace {
    PlanPlace(file: file, line: position.line, column: position.column)
  }

  func place(_ node: JSONNode) -> PlanPlace { place(node.position) }

  mutating func add(_ fault: PlanFault) { faults.append(fault) }

  mutating func fault(_ node: JSONNode, _ what: String, _ remedy: String) {
    let subject = node.path == .root ? "" : "\(node.path): "
    add(PlanFault(at: place(node), subject + what, remedy: remedy))
  }

  mutating func mismatch(_ node: JSONNode, wanted: String, remedy: String? = nil) {
    fault(node, "expected \(wanted), found \(node.kindName)", remedy ?? "give \(wanted) here")
  }
}

/// Values.
extension PlanReading {
  mutating func text(_ node: JSONNode, _ wanted: String = "text") -> String? {
    guard case .text(let text) = node.content else {
      mismatch(node, wanted: wanted)
      return nil
    }
    guard !text.isEmpty else {
      fault(node, "expected \(wanted), found empty text", "give \(wanted) here")
      return nil
    }
    return text
  }

  /// Reads the name of a table or a column: what PostgreSQL takes, between quotes, without cutting it.
  mutating func name(_ node: JSONNode, _ wanted: String) -> String? {
    guard let text = text(node, wanted), isName(text, node.position, node.path) else { return nil }
    return text
  }

  mutating func isName(_ text: String, _ position: TextPosition, _ path: JSONPath) -> Bool {
    guard (1...63).contains(text.utf8.count), !text.utf8.contains(0) else {
      add(
        PlanFault(
          at: place(position),
          "\(path): a name has 1 to 63 bytes, and this name has \(text.utf8.count)",
          remedy: "write the name as in the database"))
      return false
    }
    return true
  }

  /// Reads one text or a list of them.
  mutating func texts(_ node: JSONNode, _ wanted: String) -> [String]? {
    if case .text = node.content { return text(node, wanted).map { [$0] } }
    return list(node, "\(wanted) or a list of them").map { nodes in
      nodes.compactMap { text($0, wanted) }
    }
  }

  mutating func list(_ node: JSONNode, _ wanted: String) -> [JSONNode]? {
    guard case .array(let elements) = node.content else {
      mismatch(node, wanted: wanted)
      return nil
    }
    return elements
  }

  mutating func bool(_ node: JSONNode) -> Bool? {
    guard case .bool(let bool) = node.content else {
      mismatch(node, wanted: "true or false")
      return nil
    }
    return bool
  }

  mutating func integer(_ node: JSONNode, in range: ClosedRange<Int>) -> Int? {
    let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .number(let number) = node.content else {
      mismatch(node, wanted: wanted)
      return nil
    }
    guard let integer = number.integer, range.contains(integer) else {
      fault(node, "expected \(wanted), found \(number.text)", "give \(wanted)")
      return nil
    }
    return integer
  }

  /// Reads one of a set of words.
  mutating func choice(_ node: JSONNode, of words: [String]) -> String? {
    let wanted = words.map { "\"\($0)\"" }.joined(separator: ", ")
    guard case .text(let text) = node.content else {
      mismatch(node, wanted: words.count == 1 ? wanted : "one of \(wanted)")
      return nil
    }
    guard words.contains(text) else {
      let near = nearest(to: text, in: words).map { "did you mean \"\($0)\"? " } ?? ""
      fault(node, "unknown word \"\(text)\"", near + "known words: \(wanted)")
      return nil
    }
    return text
  }

  /// Checks that a node is an object, and notes each key that is not among the known ones.
  mutating func object(_ node: JSONNode, _ wanted: String, keys: [String]) -> [JSONNode.Member]? {
    guard let members = members(node, wanted) else { return nil }
    for member in members where !keys.contains(member.key) {
      unknownKey(member, in: node, keys: keys)
    }
    return members
  }

  mutating func members(_ node: JSONNode, _ wanted: String) -> [JSONNode.Member]? {
    guard case .object(let members) = node.content else {
      mismatch(node, wanted: wanted)
      return nil
    }
    return members
  }

  mutating func unknownKey(_ member: JSONNode.Member, in node: JSONNode, keys: [String]) {
    let subject = node.path == .root ? "" : "\(node.path): "
    let remedy =
      nearest(to: member.key, in: keys).map { "did you mean \"\($0)\"?" }
      ?? "known keys: " + keys.joined(separator: ", ")
    add(
      PlanFault(
        at: place(member.keyPosition), "\(subject)unknown key \"\(member.key)\"", remedy: remedy))
  }

  /// Returns the value of a key that must be there, or notes that it is missing.
  mutating func required(_ key: String, of node: JSONNode, _ remedy: String) -> JSONNode? {
    guard let value = node[key] else {
      fault(node, "the key \"\(key)\" is missing", remedy)
      return nil
    }
    return value
  }
}
