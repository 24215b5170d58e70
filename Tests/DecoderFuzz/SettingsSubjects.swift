import MigrationCore

/// `.env` files.
final class DotEnvSubject: Subject {
  let name = ".env"
  let share = 10

  private static let sample = Array(
    """
    # a comment
    export DATABASE_URL='postgres://u:p%40@h:5432/db?sslmode=require' # trailing
    A="two\\nlines \\"quoted\\" $HOME"
    B=plain value
    EMPTY=
    MULTI="one
    two"
    """.utf8)

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var mutator = Mutator(random: random)
    let input = mutator.mutate(Self.sample, with: Self.sample)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    guard let file = try? DotEnvFile.parse(bytes: input, file: ".env") else { return false }
    for entry in file.entries where entry.name.isEmpty || entry.line < 1 {
      throw BrokenPromise(reason: "an entry without a name or a line")
    }
    return true
  }
}

/// Plans and scripts in JSON5.
final class JSON5Subject: Subject {
  let name = "JSON5"
  let share = 5

  private static let sample = Array(
    """
    // a plan
    { name: 'nxt', 'limits': { stop: "10 %", rows: [1, -2.5e3, 0x1F, .5, +Infinity, NaN,], },
      /* tables */ tables: { "a.b": null, ü: true, text: "\\u00e9\\n\\
    on" }, big: 123456789012345678901234567890 }
    """.utf8)

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var mutator = Mutator(random: random)
    let input = mutator.mutate(Self.sample, with: Self.sample)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    guard let node = try? JSON5.parse(bytes: input) else { return false }
    let text = node.value.compact
    guard let again = try? JSONValue.parse(text), again.compact == text else {
      throw BrokenPromise(reason: "what was read does not come back from its JSON: \(text)")
    }
    return true
  }
}
