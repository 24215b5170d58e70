import Foundation
import MigrationCore
import TestSupport
import Testing

/// A setting that nothing reads is a promise that nothing keeps.
@Suite struct SettingsReadTests {
  private static let declarations = [
    "Setting.swift", "Settings+Table.swift", "Settings+Notify.swift", "SettingPlaces.swift",
  ]

  private static func sources() throws -> (declared: String, readers: String) {
    let root = packageRoot + "/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap {
      ($0 as? String).flatMap { $0.hasSuffix(".swift") ? $0 : nil }
    }
    var (declared, readers) = ("", "")
    for file in files {
      let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
      let isDeclaration = declarations.contains { file.hasSuffix("/Settings/" + $0) }
      if isDeclaration { declared += text } else { readers += text }
    }
    return (declared, readers)
  }

  /// Returns the settings of which no source reads the value.
  private static func unread(_ names: [String]) throws -> [String] {
    let (declared, readers) = try sources()
    let key = /static var (\w+): Self \{\s*Self\(\s*"(\w+)"/
    let keys = declared.matches(of: key).map { (String($0.2), String($0.1)) }
    let properties = Dictionary(keys, uniquingKeysWith: { first, _ in first })
    return names.filter { name in
      guard let property = properties[name] else { return true }
      let type = #"(SettingKey(<[\w?]+>)?)?"#
      // Read as a value, by a key with its type, or by the name that goes with a URL's.
      let reading = [
        #"\b(value|required|take|limit|place|connect|postgres|path)\(\s*\#(type)\.\#(property)\b"#,
        #"SettingKey(<[\w?]+>)?\.\#(property)\b(?!\.name\b|\.fallback\b)"#,
        #",\s*SettingKey\.\#(property)\.name\)"#,
      ].joined(separator: "|")
      return readers.range(of: reading, options: .regularExpression) == nil
    }
  }

  @Test func everySettingIsReadBySomething() throws {
    #expect(try Self.unread(Settings.all.map(\.name)) == [])
  }

  /// The search finds what is not there.
  @Test func aSettingThatNothingReadsIsFound() throws {
    #expect(try Self.unread(["MIGRATION_OF_NOTHING", "DATABASE_URL"]) == ["MIGRATION_OF_NOTHING"])
  }
}
