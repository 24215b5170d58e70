/// A random table of a plan with the documents that it reads: a case of the property test of paths.
public struct PathPlan: Sendable {
  public struct Column: Sendable {
    public let name: String
    public let type: PathType
    let rule: PathRule
  }

  public let seed: UInt64
  public let documents: [PathValue]
  let each: [String]?
  public let columns: [Column]
  /// The least value of the field `k` of the documents that the table reads; nil for all.
  public let least: Int?

  /// Makes the case of a seed.
  ///
  /// - Parameter hasConditions: whether the table may have a condition, which can't be asked of a dump.
  public init(seed: UInt64, hasConditions: Bool = true) {
    var maker = PathMaker(seed: seed)
    self.seed = seed
    documents = (1...4).map { maker.document(number: $0) }
    maker.documents = documents
    each = maker.random.chance(40) ? maker.path() : nil
    maker.each = each
    let first = Column(name: "doc", type: .bigint, rule: .name("_id"))
    columns =
      [first]
      + (0..<maker.random.number(4) + 1).map { number in
        // Most rows would be rejected if most columns took only some values.
        let type =
          maker.random.chance(70)
          ? maker.random.pick([.text, .jsonb]) : maker.random.pick(PathType.allCases)
        return Column(name: "c\(number)", type: type, rule: maker.rule(for: type))
      }
    least = hasConditions && maker.random.chance(20) ? 2 : nil
  }

  /// The table as a member of a plan's `tables`.
  public func table(named name: String) -> String {
    let each = each.map { keys in
      keys.contains { $0.contains(".") }
        ? "\"each\":[" + keys.map(PathValue.quoted).joined(separator: ",") + "],"
        : "\"each\":" + PathValue.quoted(keys.joined(separator: ".")) + ","
    }
    let filter = least.map { "\"where\":{\"k\":{\"$gte\":\($0)}}," }
    let rules = columns.map { PathValue.quoted($0.name) + ":" + $0.rule.text }
    return "\"\(name)\":{\"from\":\"\(name)\",\(each ?? "")\(filter ?? "")\"columns\":{"
      + rules.joined(separator: ",") + "}}"
  }

  /// The table as SQL makes it.
  public func definition(named name: String) -> String {
    "create table \(name) ("
      + columns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ") + ")"
  }

  /// The documents that the table's condition lets through.
  public var readDocuments: [PathValue] {
    guard let least else { return documents }
    return documents.filter { document in
      guard case .document(let members) = document,
        case .int(let k)? = members.first(where: { $0.key == "k" })?.value
      else { return false }
      return k >= least
    }
  }

  /// The rows that the documentation lets expect, in the order of documents and elements.
  public var rows: [[PathValue]?] { readDocuments.flatMap { PathOracle.rows($0, self) } }
}
