import Foundation
import MigrationCore
import TestSupport
import Testing

/// A password behind an unknown name, or behind an odd mark, is shown nowhere.
@Suite struct URLParameterTests {
  private static let secret = "hunter2secret"

  /// All that is ever shown of a text that should be a database URL.
  private func shown(_ text: String, bare: String = secret) -> String {
    do {
      let url = try DatabaseURL(text)
      let names = url.hosts.map(\.name).joined() + (url.database ?? "") + (url.user ?? "")
      let scrubbed = Redactor(urls: [url]).scrub("invalid: \(bare) in \(text)")
      return url.redacted + "\(url)" + names + url.cautions.joined() + scrubbed
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    "postgres://u@h/db?pasword=SECRET", "postgres://u@h/db?PASWORD=SECRET",
    "postgres://u@h/db?sslmode=require&Pass=SECRET",
    "postgres://u@h/db?sslmode=require;password=SECRET",
    "postgres://u@h/db?sslmode=require?password=SECRET", "postgres://u@h/db;password=SECRET",
    "postgres://u@h/db&password=SECRET", "postgres://u@h/db#password=SECRET",
    "postgres://u;password=SECRET@h/db", "postgres://pasword=SECRET@h/db",
    "postgres://u@h/db?pass%77ord=SECRET", "postgres://u@h/db?sslmode=require%26pasword=SECRET",
    "postgres://u@h;pasword=SECRET/db", "mysql://u@h/db?pasword=SECRET",
    "jdbc:postgresql://h/db?user=u&pasword=SECRET", "mongodb://u@h/db?pasword=SECRET",
    "mongodb://h/db?tls=true;pasword=SECRET", "mongodb+srv://h/db?authToken=SECRET",
    "mongodb://h/?replicaSet=a,pasword=SECRET", "mongodb://h/db&pasword=SECRET",
    "host=h dbname=db pasword=SECRET", "host=h PASSWORD=SECRET", "host=h;pasword=SECRET dbname=db",
    "host=h dbname=db,password=SECRET", "host=h dbname='db pasword=SECRET'",
  ]) func thePasswordIsNotShown(_ text: String) {
    let text = text.replacing("SECRET", with: Self.secret)
    #expect(!shown(text).contains(Self.secret), "\(shown(text))")
  }

  @Test(arguments: [
    "postgres://u@h:5432/db?sslmode=verify-full&application_name=a&connect_timeout=5",
    "postgres://u@h/db?options=-c%20geqo%3Doff&schema=crm",
    "host=h port=5432 dbname=db sslmode=require",
    "mongodb://u@h:27017/db?replicaSet=rs&readPreference=nearest&readPreferenceTags=dc:ny&authSource=admin",
  ]) func whatIsKnownIsShown(_ text: String) throws {
    #expect(try DatabaseURL(text).redacted == text)
  }

  @Test func anOptionThatTheDriverDoesNotKnowIsTold() throws {
    let url = try DatabaseURL("mongodb://h/db?readPreferance=secondary&tls=true")
    #expect(url.cautions.count == 1 && url.cautions[0].contains("readPreferance"))
    #expect(!url.cautions[0].contains("secondary"))
  }

  @Test func oddURLsNeverShowThePassword() {
    var random = SeededGenerator(state: 7)
    let schemes = [
      "postgres://", "postgresql://", "mongodb://", "mongodb+srv://", "host=h ", "mysql://",
    ]
    let keys = [
      "pasword", "Pass", "PWD", "pw", "authToken", "api_key", "pass%77ord", "sslmode", "tls",
      "appName",
      "replicaSet", "sslpasswort", "user_password", "geheim",
    ]
    let marks = ["?", "&", ";", ",", "#", "/", " ", "%26", "%3B", "?&", "&&", "=", "@", ":"]
    let ends = ["", "x", "&tls=true", ";a=b", "%40", "/db", " sslmode=require", "#f"]
    for _ in 0..<20_000 {
      func one(_ list: [String]) -> String { list.randomElement(using: &random) ?? "" }
      let start = one(schemes) + one(["u@", "", "u:p@"]) + one(["h", "h:5432", "h,i", "[::1]"])
      let first = one(["", "/db", "/"]) + one(marks) + one(keys.suffix(7)) + one(["=1", "=", ""])
      // A name that is meant for a password, or the mark before it is odd.
      let name = keys[Int.random(in: 0..<7, using: &random)]
      let text = start + first + one(marks) + name + "=" + Self.secret + one(ends)
      let shown = shown(text, bare: "")
      if shown.contains(Self.secret) {
        Issue.record("\(text): \(shown)")
        return
      }
    }
  }
}

/// Always the same numbers.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
