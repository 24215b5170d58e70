import MigrationCore
import Testing

@Suite struct CountTextTests {
  @Test(arguments: [
    (0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_234_567, "1,234,567 rows"), (-1, "-1 rows"),
  ])
  func nounsFollowTheirNumber(count: Int, text: String) {
    #expect(CountText.of(count, "row") == text)
  }

  @Test func aPluralOfItsOwnAndAVerb() {
    #expect(CountText.of(1, "entry is", "entries are") == "1 entry is")
    #expect(CountText.of(0, "entry is", "entries are") == "0 entries are")
  }
}
