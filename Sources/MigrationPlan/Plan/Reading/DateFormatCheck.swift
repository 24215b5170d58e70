/// Checks the pattern of a date format, such as `dd.MM.yyyy HH:mm`.
package enum DateFormatCheck {
  /// The runs of letters that a format may have.
  package static let fields: Set<String> = [
    "yyyy", "yy", "MM", "M", "MMM", "MMMM", "dd", "d", "HH", "H", "hh", "h", "mm", "m", "ss", "s",
    "S", "SS", "SSS", "SSSS", "SSSSS", "SSSSSS", "a", "X", "XX", "XXX", "Z", "ZZ", "ZZZ",
  ]

  /// Returns what is wrong with a format; nil if it can be read.
  package static func problem(in format: String) -> (what: String, remedy: String)? {
    guard let runs = letterRuns(format) else {
      return ("a quote is open", "close it; text between ' ' is literal")
    }
    if let unknown = runs.first(where: { !fields.contains($0) }) {
      let corrections = ["YYYY": "yyyy", "YY": "yy", "DD": "dd", "D": "d", "mmm": "MMM"]
      let remedy =
        corrections[unknown].map { "did you mean \($0)?" }
        ?? "known fields: yyyy MM dd HH mm ss SSS a XXX; put other letters between ' '"
      return ("\(unknown) is not a date field", remedy)
    }
    if let twice = runs.first(where: { run in runs.filter { $0.first == run.first }.count > 1 }) {
      return ("\(twice) is used twice", "months are MM, minutes are mm, hours are HH")
    }
    let letters = Set(runs.compactMap(\.first))
    guard letters.isSuperset(of: ["y", "M", "d"]) || letters.contains("H") || letters.contains("h")
    else {
      return ("the format has neither a day nor a time", "give year, month and day, or hours")
    }
    if letters.contains("h") != letters.contains("a") {
      return ("hours from 1 to 12 (h) and am/pm (a) go together", "use HH for hours from 0 to 23")
    }
    return nil
  }

  /// The runs of equal letters outside quotes; nil if a quote is not closed.
  package static func letterRuns(_ format: String) -> [String]? {
    var runs: [String] = []
    var previous: Character?
    var isQuoted = false
    for character in format {
      defer { previous = character }
      if character == "'" { isQuoted.toggle() }
      guard !isQuoted, character.isASCII, character.isLetter, character != "T" else { continue }
      if character == previous, !runs.isEmpty {
        runs[runs.count - 1].append(character)
      } else {
        runs.append(String(character))
      }
    }
    return isQuoted ? nil : runs
  }
}
