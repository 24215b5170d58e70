import Mongo

/// Documents: the two walkers, the value decoder, and both texts.
final class DocumentSubject: Subject {
  let name = "documents"
  let share = 1
  private let walkers = (0...BSONLimits.depth + 1).map { _ in DocumentWalker(capacity: 2) }

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var generator = Generator(random: random)
    let document = random.chance(30) ? generator.deepDocument() : generator.document()
    let other = generator.document()
    var mutator = Mutator(random: generator.random)
    let input = mutator.mutate(document.bytes, with: other.bytes)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    let walked = input.withUnsafeBytes { walk(DocumentView(unchecked: $0)) }
    let parsed = try? BSONDocument(bytes: input)
    guard let document = parsed else {
      // libbson checks code with scope, alone, less closely than we do.
      guard !walked || input.contains(BSONType.javascriptWithScope.rawValue) else {
        throw BrokenPromise(reason: "libbson's walk accepts what the validator refuses")
      }
      return false
    }
    guard walked else { throw BrokenPromise(reason: "libbson's walk refuses a valid document") }
    guard document.bytes == input, encodeAgain(document) == document else {
      throw BrokenPromise(reason: "the document does not encode to its own bytes")
    }
    try checkText(of: document)
    return true
  }

  /// Walks all levels, touching every byte that is lent.
  private func walk(_ view: DocumentView) -> Bool {
    guard let fields = try? walkers[min(view.depth, walkers.count - 1)].walk(view) else {
      return false
    }
    for field in fields {
      _ = field.key.reduce(0, &+) &+ field.raw.reduce(0, &+) &+ field.text.reduce(0, &+)
      _ = field.binary.reduce(field.binarySubtype, &+)
      _ = field.objectID
      if field.type == .document || field.type == .array, !walk(field.document) { return false }
    }
    return true
  }

  private func encodeAgain(_ document: BSONDocument) -> BSONDocument {
    var builder = BSONBuilder()
    for (key, value) in document { builder.append(key, encodeAgain(value)) }
    return builder.document
  }

  private func encodeAgain(_ value: BSONValue) -> BSONValue {
    switch value {
    case .document(let document): .document(encodeAgain(document))
    case .array(let array): .array(BSONArray(stored: encodeAgain(array.document)))
    case .javascriptWithScope(let code, let scope): .javascriptWithScope(code, encodeAgain(scope))
    default: value
    }
  }

  /// A document becomes text in both modes, and canonical text reads back unless it lost something.
  private func checkText(of document: BSONDocument) throws(BrokenPromise) {
    let hasText = (try? BSONDocument(bytes: document.bytes, checkingText: true)) != nil
    let text = try? ExtendedJSON(.canonical).text(of: document)
    // The keys of an array are checked, and not written.
    guard text != nil || !hasText else {
      throw BrokenPromise(reason: "a document whose text is sound gives no text")
    }
    guard (try? ExtendedJSON(.relaxed, invalidText: .replace).text(of: document)) != nil else {
      throw BrokenPromise(reason: "relaxed text with replacement fails")
    }
    guard let text, let read = try? ExtendedJSON.parse(text) else { return }
    guard let again = try? ExtendedJSON(.canonical).text(of: read), again == text else {
      throw BrokenPromise(reason: "text that was read does not give itself again")
    }
  }
}
