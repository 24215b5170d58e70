/// A bar with a name before and numbers behind it, on one line of a terminal.
struct ProgressBar {
  /// The output; decides the width of the line and whether box characters are used.
  let stream: Stream

  private static let nameWidth = 18
  private static let barWidth = 20

  /// Returns the line; numbers at the end are omitted if the line is too narrow.
  ///
  /// - Parameter share: The share done, 0 to 1; nil if unknown.
  func line(_ name: String, share: Double?, _ parts: [String]) -> String {
    let padded = name + String(repeating: " ", count: max(0, Self.nameWidth - name.count))
    var line = "\(padded) \(bar(share)) \(percent(share))"
    for part in parts where !stream.isTerminal || line.count + 2 + part.count < stream.width {
      line += "  " + part
    }
    return line
  }

  private func bar(_ share: Double?) -> String {
    let done = Int((min(max(share ?? 0, 0), 1) * Double(Self.barWidth)).rounded(.down))
    let (full, empty) = stream.isUnicode ? ("█", "░") : ("#", "-")
    return "[" + String(repeating: full, count: done)
      + String(repeating: empty, count: Self.barWidth - done) + "]"
  }

  /// Rounds down, so that only finished work shows 100%.
  private func percent(_ share: Double?) -> String {
    guard let share else { return "  -%" }
    let text = "\(Int(min(max(share, 0), 1) * 100))"
    return String(repeating: " ", count: max(0, 3 - text.count)) + text + "%"
  }
}
