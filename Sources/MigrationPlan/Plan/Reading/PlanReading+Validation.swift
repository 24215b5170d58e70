import MigrationBasics

/// What is checked after a run: business rules and timed queries.
extension PlanReading {
  mutating func businessRules(_ node: JSONNode, tables: [String]) -> [BusinessRule] {
    let wanted = "an object with a rule for each name"
    return (members(node, wanted) ?? []).compactMap { businessRule($0, tables: tables) }
  }

  private mutating func businessRule(
    _ member: JSONNode.Member, tables: [String]
  ) -> BusinessRule? {
    let node = member.value
    let wanted = "an object with table, that (or offenders) and message"
    guard object(node, wanted, keys: PlanWords.businessRule) != nil else { return nil }
    let table = required("table", of: node, "name the table that the rule checks")
      .flatMap { choice($0, of: tables) }
    let message = required("message", of: node, "describe what a violation means")
      .flatMap { text($0, "a message") }
    let severities = FindingSeverity.allCases
    let severity =
      node["severity"].flatMap { choice($0, of: severities.map(\.rawValue)) }
      .flatMap(FindingSeverity.init) ?? .high
    guard let table, let message, let test = test(node) else { return nil }
    return BusinessRule(
      name: member.key, group: node["group"].flatMap { text($0, "a group") } ?? table,
      table: table, severity: severity, test: test, message: message,
      repair: node["repair"].flatMap { text($0, "an SQL statement") },
      place: place(member.keyPosition))
  }

  private mutating func test(_ node: JSONNode) -> BusinessRule.Test? {
    switch (node["that"], node["offenders"]) {
    case (let that?, nil):
      return text(that, "an SQL condition").map(BusinessRule.Test.condition)
    case (nil, let offenders?):
      return text(offenders, "an SQL query for keys").map(BusinessRule.Test.offenders)
    case (nil, nil):
      fault(
        node, "the rule has no test",
        "give a condition that each row must meet (that), or a query for the keys of bad rows (offenders)"
      )
    case (_?, let both?):
      fault(both, "a rule has either \"that\" or \"offenders\"", "keep one of them")
    }
    return nil
  }

  mutating func timedQueries(_ node: JSONNode) -> [TimedQuery] {
    (members(node, "an object with a query for each name") ?? []).compactMap { timedQuery($0) }
  }

  private mutating func timedQuery(_ member: JSONNode.Member) -> TimedQuery? {
    let node = member.value
    guard object(node, "an object with sql and limit", keys: PlanWords.timedQuery) != nil else {
      return nil
    }
    let sql = required("sql", of: node, "give the statement").flatMap { text($0, "a statement") }
    let limit = required("limit", of: node, "give the time in milliseconds: limit: 50")
      .flatMap { integer($0, in: 1...3_600_000) }
    guard let sql, let limit else { return nil }
    return TimedQuery(
      name: member.key, sql: sql,
      arguments: node["arguments"].flatMap { text($0, "a query for arguments") },
      limit: .milliseconds(limit), place: place(member.keyPosition))
  }
}
