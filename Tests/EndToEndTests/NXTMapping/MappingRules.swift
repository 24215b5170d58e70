import Foundation

/// The words that the mapping's rules are made of, each with what a line's cells must try.
struct MappingRule: Sendable {
  let words: String
  let isTried: @Sendable (MappingLine) -> Bool

  /// The longer words are before those that are a part of them.
  static let all: [MappingRule] = [
    rule("keep if a uuid, else a deterministic new one") { line in
      line.good.contains { $0.text() == $0.wanted }
        && line.good.contains { UUID(uuidString: $0.text() ?? "") == nil && isUUID($0.wanted) }
    },
    rule("email format") { $0.rejects("badEmail") },
    rule("phone normalised; an invalid one is kept and flagged") { line in
      line.good.contains { $0.warning == nil && $0.text() != nil && $0.text() != $0.wanted }
        && line.good.contains { $0.warning == "badPhone" && $0.text() == $0.wanted }
    },
    rule("supplier_id where it exists, else look suppliers up by supplier_code", triesReference),
    rule("product_id where it exists, else look products up by sku", triesReference),
    rule("an orphan becomes null with a warning") { line in
      line.good.contains { $0.warning == "orphan" && $0.wanted == "NULL" }
    },
    rule("an orphan row is skipped with a warning") { $0.rejects("orphan") },
    rule("first non-null") { line in
      line.good.contains { $0.isNull == [true, false] && $0.wanted != "NULL" }
        && line.good.contains { $0.isNull == [false, false] && $0.text(1) != $0.wanted }
    },
    rule("ISO 4217, an invalid code is a warning") { line in
      line.good.contains { $0.warning == "badCurrency" && $0.text() == $0.wanted }
    },
    rule("before expiry_date") { $0.rejects("checkFailed") },
    rule("not negative") { $0.rejects("tooSmall") },
    rule("a level is calculated of the quantities") { line in
      line.isMadeOfNothing("out_of_stock")
        && line.good.contains { $0.text() == "out_of_stock" && $0.wanted == "in_stock" }
    },
    rule("other words stay") { line in line.good.contains { $0.text() == $0.wanted } },
    rule("generated") { $0.good.allSatisfy { $0.wanted == "GENERATED" } },
    rule("quantity_on_hand where null") { line in
      line.also.contains { $0.isNull == [true] && $0.wanted != "NULL" }
    },
    rule("time of the run where null") { $0.isMadeOfNothing("RUN") },
    rule("time of the run") { line in line.good.allSatisfy { $0.wanted == "RUN" } },
    rule("{} where null") { $0.isMadeOfNothing("{}") },
    rule("number") { line in
      line.rejects("notANumber") && line.good.contains { Double($0.wanted) != nil }
    },
    rule("required") { $0.rejects("missing") },
  ]

  /// Returns what of a line's rules and type no cell tries.
  static func untried(_ line: MappingLine) -> [String] {
    var (rest, found) = (line.rules, [String]())
    for rule in all where rest.contains(rule.words) {
      rest = rest.replacingOccurrences(of: rule.words, with: "")
      if !rule.isTried(line) { found.append(rule.words) }
    }
    for words in rest.split(separator: ";").map({ $0.trimmingCharacters(in: .whitespaces) })
    where !words.isEmpty {
      if !triesConstant(words, line) { found.append(words) }
    }
    if line.type.hasSuffix(" unique"), !line.rejects("duplicate") { found.append("unique") }
    if line.full == nil || line.bare == nil { found.append("full and bare") }
    return found
  }

  private static func rule(
    _ words: String, _ isTried: @escaping @Sendable (MappingLine) -> Bool
  ) -> MappingRule { MappingRule(words: words, isTried: isTried) }

  private static func isUUID(_ text: String) -> Bool { UUID(uuidString: text) != nil }

  /// By the key, by the code, and by the code where the key matches no row.
  @Sendable private static func triesReference(_ line: MappingLine) -> Bool {
    let found = line.good.filter { isUUID($0.wanted) }
    return found.contains { $0.isNull == [false, true] || $0.text(0) == $0.wanted }
      && found.contains { $0.isNull == [true, false] }
  }

  /// `default X` holds where all sources are null, `constant X` always.
  private static func triesConstant(_ words: String, _ line: MappingLine) -> Bool {
    guard let parts = words.firstMatch(of: /^(default|constant) (.+)$/) else { return false }
    let value = parts.2.trimmingCharacters(in: ["'"])
    if parts.1 == "default" { return line.isMadeOfNothing(value) }
    return line.good.allSatisfy { $0.wanted.trimmingCharacters(in: ["\""]) == value }
  }
}

extension MappingLine {
  func rejects(_ reason: String) -> Bool { bad.contains { $0.reject[1] == reason } }

  /// Whether a cell whose sources are all null wants this value.
  func isMadeOfNothing(_ value: String) -> Bool {
    let isBareNull = isBorrowed && bare?.wanted == value
    return isBareNull
      || good.contains { cell in
        !cell.given.isEmpty && cell.isNull.allSatisfy { $0 }
          && (cell.wanted == value || Double(value).map { $0 == Double(cell.wanted) } == true)
      }
  }
}
