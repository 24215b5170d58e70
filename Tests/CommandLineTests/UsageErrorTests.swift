import Testing

@testable import migrate

@Suite struct UsageErrorTests {
  @Test(arguments: [
    (
      UsageError.badValue("x", of: "--limit", expected: "1 to 10"),
      "invalid --limit \"x\": expected 1 to 10", "see migrate errors --help"
    ),
    (
      .conflict("--full", with: "--last-step"), "--full cannot be combined with --last-step",
      "see migrate errors --help"
    ),
    (
      .dependent("--details", on: "--dry-run"), "--details requires --dry-run",
      "see migrate errors --help"
    ),
    (
      .missingValue(option: "--key", placeholder: "VALUE"), "--key requires a value: --key VALUE",
      "see migrate errors --help"
    ),
    (
      .missingOperand("NAME", command: "session checkpoint"),
      "migrate session checkpoint requires NAME", "see migrate session checkpoint --help"
    ),
    (
      .surplusOperand("x", command: "version"), "unexpected argument \"x\" for migrate version",
      "see migrate version --help"
    ),
    (
      .unknownOption("--quite", command: "check", nearest: "quiet"),
      "unknown option --quite for migrate check", "did you mean --quiet?"
    ),
    (
      .unknownCommand("chekc", nearest: "check"), "unknown command or script \"chekc\"",
      "did you mean \"check\"?"
    ),
    (
      .confirmationMissing(canPreview: true),
      "cannot ask for confirmation: stdin is not a terminal",
      "preview with --dry-run, then pass --yes"
    ),
    (
      .confirmationMissing(canPreview: false),
      "cannot ask for confirmation: stdin is not a terminal", "pass --yes"
    ),
  ])
  func saysWhatIsWrongAndWhatToDo(error: UsageError, what: String, remedy: String) {
    #expect(error.what == what)
    #expect(error.remedy(of: "errors") == remedy)
  }

  @Test(arguments: [
    (1...10, "1 to 10"), (0...1_000_000, "0 to 1,000,000"), (1...Int.max, "1 or more"),
  ])
  func aRangeIsShortAndGrouped(range: ClosedRange<Int>, text: String) {
    #expect(RangeText.of(range) == text)
  }

  @Test func aHintNamesTheNearestOrAllOfAFew() {
    #expect(
      Hint.nearest(to: "custmers", in: ["customers", "orders"]) == "did you mean \"customers\"?")
    #expect(Hint.nearest(to: "x", in: ["customers", "orders"]) == "use one of: customers, orders")
  }
}
