/// Reads dates in the usual forms, if only one reading is possible, and writes them in ISO 8601.
enum DateCoercion {
  static func read(_ text: String) -> TextCoercion.Result {
    guard let (date, time) = parted(text) else { return .unknown }
    if date.allSatisfy({ $0 == "0" || "-./".contains($0) }) { return .null }
    guard let day = CivilDay(date) else { return .unknown }
    guard !time.isEmpty else { return .text(day.text) }
    guard let clock = clock(time) else { return .unknown }
    return .text(day.text + " " + clock)
  }

  /// Takes a text apart into a date and a time of day, which may be missing.
  private static func parted(_ text: String) -> (date: String, time: String)? {
    let words = text.replacing("T", with: " T").split(separator: " ").map(String.init)
    guard let place = words.firstIndex(where: { $0.contains(":") }) else { return (text, "") }
    guard place > 0, place == words.count - 1 else { return nil }
    let time = words[place].hasPrefix("T") ? String(words[place].dropFirst()) : words[place]
    return (words[..<place].joined(separator: " "), time)
  }

  /// Hours and minutes, with or without seconds; what is behind them is not understood.
  private static func clock(_ text: String) -> String? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.count <= 2 ? Int($0) : nil }
    guard numbers.count == parts.count, (2...3).contains(numbers.count), numbers[0] < 24,
      numbers.dropFirst().allSatisfy({ $0 < 60 }), numbers.allSatisfy({ $0 >= 0 })
    else { return nil }
    return (numbers + [0]).prefix(3).map { CivilDay.padded($0, 2) }.joined(separator: ":")
  }
}

/// A day of the calendar, read from any form that names it beyond doubt.
struct CivilDay: Hashable {
  let year: Int
  let month: Int
  let day: Int

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let longMonths = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  init?(_ text: String) {
    let words = text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let marks = Set(text.filter { !$0.isLetter && !$0.isNumber })
    let found: (Int, Int, Int)?
    if words.count == 1, text.count == 8, let number = Int(text) {
      found = (number / 10_000, number / 100 % 100, number % 100)
    } else if words.count == 3, marks.isSubset(of: "-./, ") {
      found = Self.parts(words, marks)
    } else {
      found = nil
    }
    guard let (year, month, day) = found, Self.exists(year, month, day) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  var text: String {
    "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  private static func parts(_ words: [String], _ marks: Set<Character>) -> (Int, Int, Int)? {
    if let place = words.firstIndex(where: { month($0) != nil }), let month = month(words[place]) {
      // 31 Jan 2026, Jan 31, 2026, 31-Jan-2026
      guard place < 2, let day = Int(words[1 - place]), let year = year(words[2]) else {
        return nil
      }
      return (year, month, day)
    }
    let numbers = words.compactMap { Int($0) }
    guard numbers.count == 3, marks.count == 1 else { return nil }
    if let year = year(words[0]) { return (year, numbers[1], numbers[2]) }
    guard let year = year(words[2]) else { return nil }
    return order(numbers[0], numbers[1], marks).map { (year, $0.month, $0.day) }
  }

  /// A day before a month, as it is written with points; with slashes only if it can't be otherwise.
  private static func order(
    _ first: Int, _ second: Int, _ marks: Set<Character>
  ) -> (month: Int, day: Int)? {
    if marks == ["."] { return (second, first) }
    guard first != second else { return (first, first) }
    if first > 12 { return (second, first) }
    if second > 12 { return (first, second) }
    return nil
  }

  private static func month(_ word: String) -> Int? {
    let lower = word.lowercased()
    let place = months.firstIndex(of: lower) ?? longMonths.firstIndex(of: lower)
    return place.map { $0 + 1 }
  }

  private static func year(_ word: String) -> Int? { word.count == 4 ? Int(word) : nil }

  private static func exists(_ year: Int, _ month: Int, _ day: Int) -> Bool {
    guard (1...9999).contains(year), (1...12).contains(month) else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
