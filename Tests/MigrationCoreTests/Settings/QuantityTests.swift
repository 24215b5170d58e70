import MigrationCore
import Testing

@Suite("Amounts with units")
struct QuantityTests {
  @Test(
    arguments: [
      ("300000", 300_000), ("250ms", 250), ("300s", 300_000), ("5m", 300_000), ("1.5h", 5_400_000),
      ("2 min", 120_000), ("1D", 86_400_000), (" 7 ", 7), ("0", 0),
    ])
  func durations(text: String, milliseconds: Int) {
    #expect(Quantity.duration(text) == .milliseconds(milliseconds))
    #expect(
      Quantity.duration(Quantity.text(.milliseconds(milliseconds)))
        == .milliseconds(milliseconds))
  }

  @Test(
    arguments: [
      ("64MiB", 67_108_864), ("64m", 67_108_864), ("1kB", 1000), ("1.5GB", 1_500_000_000),
      ("512", 512), ("12b", 12), ("2 TiB", 2_199_023_255_552),
    ])
  func sizes(text: String, bytes: Int) { #expect(Quantity.byteCount(text) == bytes) }

  @Test(arguments: [("2.5%", 0.025), ("0.1", 0.1), ("100 %", 1), ("0", 0)])
  func shares(text: String, share: Double) { #expect(Quantity.share(text) == share) }

  @Test(
    arguments: [
      "", "-1", "+1", "abc", "5x", "1e9", "0x10", "m", "1..2", ".5", "5.", "inf", "nan", "1,5", "٣",
      "99999999999999999999999999", "5 m m", "1.2.3s",
    ])
  func nonsense(text: String) {
    #expect(Quantity.duration(text) == nil)
    #expect(Quantity.share(text) == nil)
    #expect(Quantity.byteCount(text) == nil)
  }
}
