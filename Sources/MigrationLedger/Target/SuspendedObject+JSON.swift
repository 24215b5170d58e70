import MigrationBasics
import MigrationPlan

extension SuspendedObject.Details {
  /// The details as the ledger keeps them.
  package var json: JSONValue {
    let statistics = statistics.sorted { $0.key < $1.key }
      .map { (String($0.key), JSONValue.int($0.value)) }
    return [
      "indexComment": .optional(indexComment), "constraintComment": .optional(constraintComment),
      "tablespace": .optional(tablespace), "clustered": .bool(isClustered),
      "replicaIdentity": .bool(isReplicaIdentity), "statistics": .object(JSONObject(statistics)),
      "deferrable": .bool(isDeferrable), "initiallyDeferred": .bool(isInitiallyDeferred),
      "validated": .bool(isValidated), "referencedSchema": .optional(referenced?.schema),
      "referencedTable": .optional(referenced?.name),
    ]
  }

  init(json: JSONValue) {
    func text(_ key: String) -> String? {
      if case .text(let text)? = json[key] { text } else { nil }
    }
    func flag(_ key: String) -> Bool { json[key] == .bool(true) }
    indexComment = text("indexComment")
    constraintComment = text("constraintComment")
    tablespace = text("tablespace")
    (isClustered, isReplicaIdentity) = (flag("clustered"), flag("replicaIdentity"))
    (isDeferrable, isInitiallyDeferred) = (flag("deferrable"), flag("initiallyDeferred"))
    isValidated = flag("validated")
    statistics = Self.statistics(json["statistics"])
    if let schema = text("referencedSchema"), let name = text("referencedTable") {
      referenced = QualifiedName(schema: schema, name: name)
    }
  }

  static func statistics(_ json: JSONValue?) -> [Int: Int] {
    guard case .object(let object)? = json else { return [:] }
    var targets: [Int: Int] = [:]
    for member in object.members {
      if let column = Int(member.key), case .int(let target) = member.value {
        targets[column] = target
      }
    }
    return targets
  }
}
