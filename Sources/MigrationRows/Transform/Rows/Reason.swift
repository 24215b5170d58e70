import MigrationBasics

/// Why a value does not fit, or what a warning is about.
package enum Reason: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  case missing = 1
  case tooLong
  case outOfRange
  case scale
  case precisionLost
  case losesTime
  case notANumber
  case notADate
  case notATime
  case notBoolean
  case notAUUID
  case notJSON
  case notBytes
  case notAnArray
  case noConversion
  case nulByte
  case badUTF8
  case notInList
  case badEmail
  case badPhone
  case badCurrency
  case tooSmall
  case tooLarge
  case truncated
  case orphan
  case checkFailed
  case corruptRow
  case pathIntoArray

  /// The reason's name, as the ledger, reports and `grep` know it.
  package var name: String { "\(self)" }

  /// The manual's code.
  package var code: ErrorCode {
    switch self {
    case .orphan: .foreignKey
    case .corruptRow: .corruption
    default: .data
    }
  }

  /// What an operator can do about it.
  package var hint: String { hints[Int(rawValue)] }
}

private let hints: [String] = [
  "",
  "fill the value in the source, or give the column a \"default\"",
  "shorten the value in the source, widen the column, or allow it with \"truncate\"",
  "correct the value, or give the column a wider type",
  "the value has more decimal places than the column; widen the column, or allow it with \"round\"",
  "a floating point number cannot hold the value exactly; use numeric for the column",
  "the value has a time of day, which a date cannot hold; use timestamp, or allow it with \"round\"",
  "correct the number, or describe its format with \"number\"",
  "correct the date, or describe its format with \"date\"",
  "correct the time; it is written as HH:mm:ss",
  "correct the value, or list the words for true and false with \"boolean\"",
  "correct the value, or make a uuid of it with \"id\"",
  "correct the JSON in the source",
  "write bytes in a text in hexadecimal after \\x",
  "the value is not a list that fits the column; correct it in the source",
  "the column's type cannot hold a value of this kind; change the rule or the column's type",
  "PostgreSQL cannot store a NUL byte; correct the source, or if the rule reads a text, remove it with \"nul\": "
    + "\"strip\" or \"replace\"",
  "the text is not UTF-8; correct it or the encoding that the source declares",
  "correct the value, or add it to the list in the plan",
  "correct the address, or choose \"null\" or \"keep\" for addresses that are not valid",
  "correct the number, or choose \"null\" or \"keep\" for numbers that are not valid",
  "use a three-letter code of ISO 4217, or choose \"null\" or \"keep\"",
  "the value is below the minimum that the plan sets",
  "the value is above the maximum that the plan sets",
  "the text was cut to the length that the plan allows",
  "the referenced row is not in the target; migrate it first or correct the key",
  "two columns of the row contradict each other; correct them in the source",
  "the row arrived changed in the target; check the connection and run again",
  "the path leads into an array of several values; pick one by number, as in items.0.name, or make a row "
    + "of each with \"each\"",
]
