import Testing

@testable import migrate

@Suite struct ArgumentParserTests {
  static let times = Option.integer("repeat", "N", in: 1...10, otherwise: 1, help: "")
  static let names = Option.list("name", "NAME", help: "")
  static let parser = ArgumentParser(
    command: "demo", options: [times.spec, names.spec] + GlobalOptions.all)

  func parse(_ line: String) throws(UsageError) -> ParsedArguments {
    try Self.parser.parse(line.split(separator: " ").map(String.init))
  }

  @Test func readsValuesInBothForms() throws {
    #expect(try parse("--repeat 3")[Self.times] == 3)
    #expect(try parse("--repeat=3")[Self.times] == 3)
    #expect(try parse("")[Self.times] == 1)
  }

  @Test func theLaterOfTwoValuesWins() throws {
    #expect(try parse("--repeat 3 --repeat 5")[Self.times] == 5)
  }

  @Test func listsKeepAllValuesInOrder() throws {
    #expect(try parse("--name b --name a")[Self.names] == ["b", "a"])
  }

  @Test func bundledFlagsAreReadLetterByLetter() throws {
    let parsed = try parse("-qv")
    #expect(parsed[GlobalOptions.quiet])
    #expect(parsed[GlobalOptions.verbose])
  }

  @Test func nothingAfterTwoHyphensIsAnOption() throws {
    let parsed = try parse("a -- --repeat -x")
    #expect(parsed.operands == ["a", "--repeat", "-x"])
    #expect(parsed[Self.times] == 1)
  }

  @Test func aNegativeNumberIsAValue() {
    #expect(throws: UsageError.badValue("-3", of: "--repeat", expected: Self.range)) {
      try parse("--repeat -3")
    }
  }

  static let range = "1 to 10"

  @Test(arguments: [
    ("--repeat", UsageError.missingValue(option: "--repeat", placeholder: "N")),
    ("--repeat --json", .missingValue(option: "--repeat", placeholder: "N")),
    ("--repeat x", .badValue("x", of: "--repeat", expected: range)),
    ("--repeat 11", .badValue("11", of: "--repeat", expected: range)),
    ("--repeat=", .badValue("", of: "--repeat", expected: range)),
    ("--json=yes", .needlessValue(option: "--json")),
    ("--reapet 3", .unknownOption("--reapet", command: "demo", nearest: "repeat")),
    ("-x", .unknownOption("-x", command: "demo", nearest: nil)),
    (
      "--set X",
      .badValue("X", of: "--set", expected: "NAME=VALUE, such as MIGRATION_BATCH_SIZE=500")
    ),
  ])
  func refusesWhatItCannotUse(line: String, error: UsageError) {
    #expect(throws: error) { try parse(line) }
  }
}
