/// Shares as people write and read them: `20%`, `2.5%`.
package enum ShareText {
  /// Reads a share from 0% to 100%; nil for anything else, also for a bare number, which would be a guess.
  package static func read(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    let digits = text.dropLast()
    let isPlain = digits.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
    guard isPlain, digits.utf8.first?.isDigit == true, digits.utf8.last?.isDigit == true,
      let percent = Double(digits), percent <= 100
    else { return nil }
    return percent / 100
  }

  /// A share that others have set, with no more digits than it has: `1%`, `2.5%`.
  package static func limit(_ share: Double) -> String {
    let parts = Int((share * 1_000_000).rounded())
    var digits = String(String(parts % 10_000 + 10_000).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(parts / 10_000)\(digits.isEmpty ? "" : "." + digits)%"
  }

  /// A share that was measured, in tenths of a percent: `0.3%`.
  ///
  /// It is given more exactly if tenths would show none of it, or no difference from its limit.
  package static func measured(_ share: Double, limit: Double? = nil) -> String {
    let tenths = Int((share * 1000).rounded())
    let isVague =
      share > 0 && tenths == 0 || limit.map { $0 != share && $0 * 1000 == Double(tenths) } == true
    guard isVague else { return "\(tenths / 10).\(tenths % 10)%" }
    let exact = self.limit(share)
    return exact == "0%" ? "under 0.0001%" : exact
  }
}
