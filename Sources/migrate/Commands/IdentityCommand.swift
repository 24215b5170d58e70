import MigrationCore

/// `migrate id`: converts between ObjectIds and uuids.
enum IdentityCommand {
  static let entity = Option.text(
    "entity", "NAME", help: "The entity that the plan gives ids of other kinds.")

  static let page = CommandPage(
    words: ["id"], group: .watch,
    summary: "Convert an ObjectId to its uuid in the target, or back.",
    discussion: [
      "A uuid made from an ObjectId contains all of it, so no connection is needed. With "
        + "--entity, converts any other id to the uuid that the step id of a plan makes; those "
        + "cannot be converted back."
    ],
    operands: [Operand(name: "ID", help: "ObjectIds, uuids or other ids.", isRepeated: true)],
    options: [entity.spec],
    examples: [
      ("migrate id 65a1b2c3d4e5f60718293a4b", "65a1b2c3-d4e5-8f60-8718-293a4b000000"),
      ("migrate id 65a1b2c3-d4e5-8f60-8718-293a4b000000", "back to the ObjectId"),
      ("migrate id 4711 --entity customers", "the uuid of a numeric key"),
    ],
    exitCodes: [.done, .failed, .usage], run: run)

  private struct Answer {
    let given: String
    let pair: IdentityPair?
    let uuid: String?
  }

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    guard !invocation.operands.isEmpty else {
      throw UsageError.missingOperand("ID", command: "id")
    }
    let answers = invocation.operands.map { given in
      let pair = IdentityPair(given)
      let uuid = invocation[entity].map { EntityIdentity.uuid(of: given, entity: $0) }
      return Answer(given: given, pair: pair, uuid: pair?.uuid ?? uuid)
    }
    if let unknown = answers.first(where: { $0.uuid == nil }) {
      throw MigrationError(
        .failed, "\"\(unknown.given)\" is neither an ObjectId nor a uuid made from one",
        remedy: "pass the entity of another id: --entity customers")
    }
    let console = invocation.console
    if console.isJSON {
      console.result(["ids": .array(answers.map(document))])
    } else {
      for answer in answers { console.result(other(answer)) }
    }
    return .done
  }

  /// Returns the converted id.
  private static func other(_ answer: Answer) -> String {
    guard let pair = answer.pair else { return answer.uuid ?? "" }
    return answer.given.lowercased() == pair.objectID ? pair.uuid : pair.objectID
  }

  private static func document(_ answer: Answer) -> JSONValue {
    [
      "given": .text(answer.given), "uuid": .optional(answer.uuid),
      "objectId": .optional(answer.pair?.objectID),
      "seconds": answer.pair.map { .int($0.seconds) } ?? .null,
    ]
  }
}
