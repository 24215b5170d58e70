import MigrationBasics

extension Checkpoint {
  /// The checkpoint as the file has it: what is asked for most stands first, on the file's one line.
  package var json: JSONValue {
    [
      "version": .int(Self.version), "plan": .text(plan), "status": .text(status.rawValue),
      "currentTable": .optional(table?.name), "totalRecordsMigrated": .int(totalRecordsMigrated),
      "totalRecordsRejected": .int(totalRecordsRejected), "tablesDone": .int(tablesDone),
      "totalTables": .int(totalTables), "startedAt": .text(startedAt),
      "updatedAt": .text(updatedAt), "session": .id(session), "planHash": .text(planHash),
      "ledger": .text(ledger), "table": table?.json ?? .null,
    ]
  }

  init(_ node: JSONNode) throws(JSONShapeError) {
    plan = try node.required("plan").text()
    planHash = try node.required("planHash").text()
    session = SessionID(rawValue: try node.required("session").integer())
    ledger = try node.required("ledger").text()
    status = try Self.choice(try node.required("status"))
    startedAt = try node.required("startedAt").text()
    updatedAt = try node.required("updatedAt").text()
    totalRecordsMigrated = try node.required("totalRecordsMigrated").integer(in: 0...Int.max)
    totalRecordsRejected = try node.required("totalRecordsRejected").integer(in: 0...Int.max)
    let current = try node.optional("currentTable")?.text()
    if try node.required("version").integer() == 1 {
      let tables = try Self.tables(try node.required("tables"))
      table = tables.first { $0.name == current }
      (tablesDone, totalTables) = (tables.count { $0.status == .done }, tables.count)
      return
    }
    tablesDone = try node.required("tablesDone").integer(in: 0...Int.max)
    totalTables = try node.required("totalTables").integer(in: 0...Int.max)
    if let current { table = try Table(current, try node.required("table")) } else { table = nil }
  }

  /// The tables of a file of form 1.
  private static func tables(_ node: JSONNode) throws(JSONShapeError) -> [Table] {
    var tables: [Table] = []
    for member in try node.object() { tables.append(try Table(member.key, member.value)) }
    return tables
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
