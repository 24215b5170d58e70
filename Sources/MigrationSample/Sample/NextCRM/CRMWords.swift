/// What a text of a sample document is about.
package enum CRMWords: Sendable {
  case company, trade, person, first, last, email, phone, street, city, state, country, zip
  case phrase, sentence, url, key, currency, amount, day
  /// An address that no other document of the collection has.
  case ownEmail

  package func text(_ random: inout SampleRandom, row: Int) -> String {
    switch self {
    case .company:
      random.pick(SampleWords.companyNames) + " " + random.pick(SampleWords.trades) + " "
        + random.pick(SampleWords.companyForms)
    case .trade: random.pick(SampleWords.trades)
    case .person: random.pick(SampleWords.firstNames) + " " + random.pick(SampleWords.lastNames)
    case .first: random.pick(SampleWords.firstNames)
    case .last: random.pick(SampleWords.lastNames)
    case .email: random.pick(SampleWords.mailNames) + "@example.com"
    case .ownEmail: Self.ownEmail(row)
    case .phone: "+420 \(random.within(100...999)) \(random.within(100_000...999_999))"
    case .street: random.pick(SampleWords.streets) + " \(random.within(1...299))"
    case .city: random.pick(SampleWords.places).city
    case .state: random.pick(SampleWords.places).state
    case .country: random.pick(SampleWords.places).country
    case .zip: "\(random.within(10_000...99_999))"
    case .phrase: random.pick(SampleWords.colours) + " " + random.pick(SampleWords.goods)
    case .sentence: Self.sentence(&random)
    case .url: "https://example.com/\(random.pick(SampleWords.mailNames))/\(random.below(100_000))"
    case .key: "\(random.pick(["AX", "BK", "CZ", "DE"]))\(random.within(10_000_000...99_999_999))"
    case .currency: random.pick(SampleWords.currencies)
    case .amount: "\(random.below(1_000_000)).\(random.within(10...99))"
    case .day: "\(random.within(1950...2024))-0\(random.within(1...9))-\(random.within(10...28))"
    }
  }

  static func ownEmail(_ row: Int) -> String {
    SampleWords.mailNames[row % SampleWords.mailNames.count] + ".\(row)@example.com"
  }

  private static func sentence(_ random: inout SampleRandom) -> String {
    let name = random.pick(SampleWords.firstNames)
    let what = random.pick(SampleWords.goods)
    return
      "\(name) asked about \(random.within(2...90)) × \(what), \(random.pick(SampleWords.tiers))"
  }
}
