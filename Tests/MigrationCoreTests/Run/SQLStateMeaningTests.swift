import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

@testable import MigrationEngine

/// What a SQLSTATE means stands in one table.
@Suite struct SQLStateMeaningTests {
  @Test(arguments: [
    ("57014", ErrorCode.timeout), ("55P03", .timeout), ("53100", .disk), ("53200", .memory),
    ("23505", .duplicate), ("23P01", .duplicate), ("23503", .foreignKey), ("XX001", .corruption),
    ("XX002", .corruption), ("08006", .connection), ("57P01", .connection), ("42P01", .schema),
    ("42501", .schema), ("3F000", .schema), ("22001", .data), ("23502", .data), ("P0001", .data),
    ("99999", .data), ("28000", .data), ("53300", .connection),
  ]) func aCodeHasItsErrorCode(_ state: String, _ code: ErrorCode) {
    #expect(ErrorCode(SQLState(state)) == code)
  }

  @Test(arguments: [
    ("57014", SQLState.Nature.transient), ("53100", .needsHuman), ("23503", .rowFault),
    ("3F000", .permanent), ("42501", .needsHuman), ("57P04", .needsHuman), ("99999", .permanent),
  ]) func aCodeHasItsNature(_ state: String, _ nature: SQLState.Nature) {
    #expect(SQLState(state).nature == nature)
  }

  /// Codes and classes are named in `Sources/Postgres`; others ask what they mean, or use a name.
  @Test func noOtherSourceReadsCodes() throws {
    let root = packageRoot + "/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap {
      ($0 as? String).flatMap { $0.hasSuffix(".swift") ? $0 : nil }
    }
    let code = #""(?:0[0-9A-Z]|2[0-9B-F]|3[0-9B-F]|4[0-4]|5[3-8]|72|F0|HV|P0|XX)[0-9P][0-9]{2}""#
    var found: [String] = []
    for file in files where !file.hasPrefix("Postgres/") {
      let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
      if names(text, code) || text.contains("sqlClass") { found.append(file) }
    }
    #expect(found == [])
    #expect(names(#"case "23505": .duplicate"#, code))
  }

  private func names(_ text: String, _ code: String) -> Bool {
    text.range(of: code, options: .regularExpression) != nil
  }
}
