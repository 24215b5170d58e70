import MigrationBasics

extension Checkpoint {
  /// The checkpoint as the file has it; a key of one column is a text, a longer one a list.
  package var json: JSONValue {
    let tables = tables.map { ($0.name, $0.json) }
    return [
      "version": .int(Self.version), "plan": .text(plan), "planHash": .text(planHash),
      "session": .int(session), "ledger": .text(ledger), "status": .text(status.rawValue),
      "startedAt": .text(startedAt), "updatedAt": .text(updatedAt),
      "currentTable": .optional(currentTable), "totalRecordsMigrated": .int(totalRecordsMigrated),
      "totalRecordsRejected": .int(totalRecordsRejected), "tables": .object(JSONObject(tables)),
    ]
  }

  init(_ node: JSONNode) throws(JSONShapeError) {
    plan = try node.required("plan").text()
    planHash = try node.required("planHash").text()
    session = try node.required("session").integer()
    ledger = try node.required("ledger").text()
    status = try Self.choice(try node.required("status"))
    startedAt = try node.required("startedAt").text()
    updatedAt = try node.required("updatedAt").text()
    currentTable = try node.optional("currentTable")?.text()
    var tables: [Table] = []
    for member in try node.required("tables").object() {
      tables.append(try Table(member.key, member.value))
    }
    self.tables = tables
  }

  package static func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: JSONNode
  ) throws(JSONShapeError) -> Choice where Choice.RawValue == String {
    let word = try node.choice(of: Choice.allCases.map(\.rawValue))
    guard let choice = Choice(rawValue: word) else {
      throw JSONShapeError(node, "expected a state")
    }
    return choice
  }
}

extension Checkpoint.Table {
  package var json: JSONValue {
    let key: JSONValue =
      switch lastKey.count {
      case 0: .null
      case 1: .text(lastKey[0])
      default: .array(lastKey.map(JSONValue.text))
      }
    return [
      "status": .text(status.rawValue), "migrated": .int(migrated), "total": .int(total),
      "rejected": .int(rejected), "lastKey": key, "chunks": .int(chunks),
      "chunksDone": .int(chunksDone),
    ]
  }

  package init(_ name: String, _ node: JSONNode) throws(JSONShapeError) {
    self.name = name
    status = try Checkpoint.choice(try node.required("status"))
    migrated = try node.required("migrated").integer(in: 0...Int.max)
    total = try node.required("total").integer(in: 0...Int.max)
    rejected = try node.required("rejected").integer(in: 0...Int.max)
    chunks = try node.required("chunks").integer(in: 0...Int.max)
    chunksDone = try node.required("chunksDone").integer(in: 0...Int.max)
    guard let key = try node.optional("lastKey") else {
      lastKey = []
      return
    }
    if case .text(let text) = key.content {
      lastKey = [text]
    } else {
      var parts: [String] = []
      for part in try key.array() { parts.append(try part.text()) }
      lastKey = parts
    }
  }
}
