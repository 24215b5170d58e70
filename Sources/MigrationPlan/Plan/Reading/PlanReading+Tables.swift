import MigrationBasics

/// Tables and their feeds.
extension PlanReading {
  mutating func tables(_ root: JSONNode, of kind: SourceSpec.Kind) -> [TablePlan] {
    let remedy = "list the target's tables: tables: { customers: { from: …, columns: … } }"
    guard let node = required("tables", of: root, remedy),
      let members = members(node, "an object with a key for each table of the target")
    else { return [] }
    if members.isEmpty { fault(node, "the plan has no tables", remedy) }
    return members.compactMap { table($0, of: kind) }
  }

  private mutating func table(_ member: JSONNode.Member, of kind: SourceSpec.Kind) -> TablePlan? {
    let node = member.value
    guard isName(member.key, member.keyPosition, node.path),
      object(node, "an object that describes the table", keys: PlanWords.table) != nil
    else { return nil }
    return TablePlan(
      name: member.key,
      command: node["command"].flatMap { command($0) } ?? Self.commandName(for: member.key),
      phase: node["phase"].flatMap { integer($0, in: 1...99) } ?? 1,
      feeds: feeds(node, of: kind),
      unique: node["unique"].map { uniqueSets($0) } ?? [],
      checks: node["checks"].map { checks($0) } ?? [],
      chunk: node["chunk"].flatMap { chunk($0) } ?? .automatic,
      loading: node["loading"].flatMap { loading($0) } ?? Loading(),
      merge: node["merge"].flatMap { choice($0, of: Merge.allCases.map(\.rawValue)) }
        .flatMap(Merge.init),
      place: place(member.keyPosition))
  }

  /// Returns the command of a table: `price_lists` answers to `price-lists`, as `PriceLists` does.
  static func commandName(for table: String) -> String {
    var command: [UInt8] = []
    var before = UInt8(ascii: "-")
    for byte in table.utf8 {
      let isCapital = byte.isLetter && byte & 0x20 == 0
      let beginsWord = isCapital && (before.isDigit || (before.isLetter && before & 0x20 != 0))
      if beginsWord { command.append(UInt8(ascii: "-")) }
      command.append(
        byte.isLetter ? byte | 0x20 : byte.isDigit ? byte : UInt8(ascii: "-"))
      before = byte
    }
    return String(decoding: command, as: UTF8.self)
  }

  private mutating func feeds(_ table: JSONNode, of kind: SourceSpec.Kind) -> [Feed] {
    guard let node = table["feeds"] else {
      return [feed(table, sharing: nil, of: kind)]
    }
    if let from = table["from"] {
      fault(from, "a table has either \"from\" or \"feeds\"", "move this into the first feed")
    }
    guard let nodes = list(node, "a list of feeds") else { return [] }
    if nodes.isEmpty {
      fault(node, "the table has no feeds", "add one: { from: \"legacy_table\" }")
    }
    return nodes.compactMap { feedNode in
      guard object(feedNode, "an object with from and columns", keys: PlanWords.feed) != nil
      else { return nil }
      return feed(feedNode, sharing: table, of: kind)
    }
  }

  /// Reads a feed; what it does not say itself is taken from its table.
  private mutating func feed(
    _ node: JSONNode, sharing table: JSONNode?, of kind: SourceSpec.Kind
  ) -> Feed {
    let from = required("from", of: node, "name the source table: from: \"legacy_customers\"")
      .flatMap { name($0, "the name of a source table") }
    let filter = node["where"] ?? table?["where"]
    let ignored = [table, node].compactMap { $0?["ignore"] }
      .flatMap { texts($0, "the name of a source column") ?? [] }
    return Feed(
      from: from ?? "", key: key(node, sharing: table, of: kind),
      filter: filter.flatMap { self.filter($0, of: kind) },
      columns: columns(node, sharing: table), ignored: ignored,
      each: (node["each"] ?? table?["each"]).flatMap { each($0, of: kind) },
      mayBeMissing: (node["missing"] ?? table?["missing"]).map { missing($0, of: kind) } ?? false,
      place: place(node))
  }

  /// Reads the path to the array whose elements are the rows.
  private mutating func each(_ node: JSONNode, of kind: SourceSpec.Kind) -> [String]? {
    onlyForDocuments(node, "each", kind)
    return path(node)
  }

  private mutating func missing(_ node: JSONNode, of kind: SourceSpec.Kind) -> Bool {
    onlyForDocuments(node, "missing", kind)
    return choice(node, of: ["error", "empty"]) == "empty"
  }

  private mutating func onlyForDocuments(
    _ node: JSONNode, _ word: String, _ kind: SourceSpec.Kind
  ) {
    guard !kind.hasDocuments else { return }
    fault(node, "\"\(word)\" is only for plans that read MongoDB", "remove it")
  }

  private mutating func key(
    _ node: JSONNode, sharing table: JSONNode?, of kind: SourceSpec.Kind
  ) -> [String] {
    guard let keyNode = node["key"] ?? table?["key"] else {
      if kind.hasDocuments { return ["_id"] }
      fault(
        node, "the key \"key\" is missing",
        "name the columns that identify a source row: key: \"id\", or key: [] for a table without a key"
      )
      return []
    }
    let names = texts(keyNode, "the name of a source column") ?? []
    noteRepeated(names, keyNode)
    return names
  }

  private mutating func filter(_ node: JSONNode, of kind: SourceSpec.Kind) -> String? {
    if kind.hasDocuments, case .object = node.content { return node.value.compact }
    return text(node, kind.hasDocuments ? "a filter" : "an SQL condition")
  }

  mutating func noteRepeated(_ names: [String], _ node: JSONNode) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      fault(node, "\"\(name)\" is named twice", "name it once")
    }
  }
}
