import Mongo

/// Extended JSON as people and files give it.
final class TextSubject: Subject {
  let name = "extended JSON"
  let share = 5

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var generator = Generator(random: random)
    var texts: [[UInt8]] = []
    for mode in [ExtendedJSON.Mode.canonical, .relaxed] {
      let document = generator.document()
      let text = try? ExtendedJSON(mode, invalidText: .replace).text(of: document)
      texts.append(Array((text ?? "{}").utf8))
    }
    var mutator = Mutator(random: generator.random)
    let input = mutator.mutate(texts[0], with: texts[1])
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    guard let document = try? ExtendedJSON.parse(input) else { return false }
    guard (try? BSONDocument(bytes: document.bytes, checkingText: true)) == document else {
      throw BrokenPromise(reason: "text was read into a document that is not sound")
    }
    guard let text = try? ExtendedJSON(.canonical).text(of: document) else {
      throw BrokenPromise(reason: "text was read into a document that gives no text")
    }
    guard (try? ExtendedJSON.parse(text)) != nil || text.contains("$") else {
      throw BrokenPromise(reason: "canonical text of what was read is refused")
    }
    return true
  }
}
