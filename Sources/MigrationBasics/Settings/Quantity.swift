/// Amounts with units as people write them.
package enum Quantity {
  /// Returns the time that `250ms`, `300s`, `5m`, `1.5h`, `2d` or a bare number of milliseconds
  /// represents; nil for anything else.
  package static func duration(_ text: String) -> Duration? {
    let units: [String: Double] = [
      "": 1, "ms": 1, "s": 1000, "sec": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000,
      "d": 86_400_000,
    ]
    guard let (number, unit) = split(text), let factor = units[unit.lowercased()] else {
      return nil
    }
    let milliseconds = (number * factor).rounded()
    guard milliseconds <= 1e15 else { return nil }
    return .milliseconds(Int(milliseconds))
  }

  /// Returns the number of bytes that `64MiB`, `64MB`, `1.5g` or a bare number represents.
  ///
  /// Units with an `i`, and single letters, count in steps of 1024; `kB`, `MB`, … in steps of 1000.
  package static func byteCount(_ text: String) -> Int? {
    guard let (number, unit) = split(text) else { return nil }
    let lower = unit.lowercased()
    if lower.isEmpty || lower == "b" {
      return number == number.rounded() ? Int(exactly: number) : nil
    }
    guard let letter = lower.first, let power = Array("kmgt").firstIndex(of: letter) else {
      return nil
    }
    let steps: [String: Double] = ["": 1024, "ib": 1024, "b": 1000]
    guard let step = steps[String(lower.dropFirst())] else { return nil }
    let bytes = (0...power).reduce(number) { product, _ in product * step }
    return Int(exactly: bytes.rounded())
  }

  /// Returns the share, 0 to 1, that `2.5%` or `0.025` represents.
  package static func share(_ text: String) -> Double? {
    guard let (number, unit) = split(text), unit.isEmpty || unit == "%" else { return nil }
    let share = unit == "%" ? number / 100 : number
    return (0...1).contains(share) ? share : nil
  }

  /// Returns a time in the shortest exact form: `250ms`, `300s`, `5m`.
  package static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    if milliseconds == 0 { return "0" }
    for (unit, size) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1000)]
    where milliseconds % size == 0 {
      return "\(milliseconds / size)\(unit)"
    }
    return "\(milliseconds)ms"
  }

  /// Takes a text apart into a number that is not negative and what follows it.
  private static func split(_ text: String) -> (number: Double, unit: String)? {
    let trimmed = text.trimmed
    let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard digits.utf8.first?.isDigit == true, digits.utf8.last?.isDigit == true,
      let number = Double(digits), number.isFinite
    else { return nil }
    return (number, String(trimmed.dropFirst(digits.count)).trimmed)
  }
}

extension String {
  /// The text without blanks and line ends around it.
  package var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
