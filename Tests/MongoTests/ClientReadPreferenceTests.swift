import Foundation
import Mongo
import TestSupport
import Testing

/// A replica set of a primary alone, and URLs that want to read elsewhere.
@Suite struct ClientReadPreferenceTests {
  private func url(_ options: [(String, String)], set: Bool = true) throws -> String {
    try changed(try TestServers.mongoURL()) { parts in
      var items = (parts.queryItems ?? []).filter { set || $0.name != "replicaSet" }
      items += options.map { URLQueryItem(name: $0.0, value: $0.1) }
      parts.queryItems = items
    }
  }

  @Test(arguments: [
    ([("readPreference", "secondary")], ["readPreference=secondary", "is the primary"]),
    (
      [("readPreference", "nearest"), ("readPreferenceTags", "dc:prague")],
      ["readPreference=nearest and the tags dc=prague", "is the primary"]
    ),
    (
      [("readPreference", "secondary"), ("readPreferenceTags", "dc:prague,use:reports")],
      ["readPreference=secondary and the tags dc=prague,use=reports"]
    ),
  ]) func aPreferenceThatNoMemberMeetsIsSaid(_ options: [(String, String)], _ told: [String]) throws
  {
    let (error, duration) = try connectFailure(url(options), timeout: .seconds(10))
    #expect(error?.kind == .noPreferredMember)
    for words in told { #expect(error?.detail.contains(words) == true, "\(error?.detail ?? "")") }
    #expect(duration < .seconds(5))
  }

  /// The driver takes the only host of a URL without a set's name, whatever is preferred.
  @Test func theOnlyHostIsNotTakenForASecondary() throws {
    let (error, _) = try connectFailure(url([("readPreference", "secondary")], set: false))
    #expect(error?.kind == .noPreferredMember)
    let direct = [("readPreference", "secondary"), ("directConnection", "true")]
    #expect(try connectFailure(url(direct, set: false)).error == nil)
  }

  @Test(arguments: ["primary", "primaryPreferred", "secondaryPreferred", "nearest"])
  func aPrimaryServesWhoeverAcceptsOne(_ preference: String) throws {
    #expect(try connectFailure(url([("readPreference", preference)])).error == nil)
  }
}
