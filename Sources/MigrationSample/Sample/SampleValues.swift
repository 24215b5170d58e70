/// What rows of several tables have in common.
extension SampleRow {
  /// The last second of the samples: 2025-01-18 23:59:59.
  static let lastSecond = 1_737_244_799

  mutating func put(code prefix: String, _ number: Int) {
    put(prefix)
    put(number, digits: 6)
  }

  mutating func company(_ random: inout SampleRandom, isFaulty fault: SampleFault?) {
    guard fault?.column != "company_name" else {
      return fault?.kind == .missing ? null() : text(SampleWords.long)
    }
    begin()
    put(random.pick(SampleWords.companyNames))
    put(" ")
    put(random.pick(SampleWords.trades))
    put(" ")
    put(random.pick(SampleWords.companyForms))
  }

  mutating func email(_ random: inout SampleRandom, _ row: Int, _ fault: SampleFault?) {
    guard fault?.column != "email" else {
      return text(fault?.kind == .missing ? nil : random.pick(SampleWords.notEmails))
    }
    begin()
    put(random.pick(SampleWords.mailNames))
    put(".")
    put(row)
    put("@")
    put(random.pick(SampleWords.mailHosts))
  }

  /// Numbers are there as people type them.
  mutating func phone(_ random: inout SampleRandom, _ fault: SampleFault?) {
    guard fault?.column != "phone" else { return text(random.pick(SampleWords.notPhones)) }
    if random.oneIn(12) { return null() }
    let (prefix, separator) = random.pick(SampleWords.phoneForms)
    begin()
    put(prefix)
    for part in 0..<3 {
      if part > 0 { put(separator) }
      put(random.within(100...999))
    }
  }

  mutating func address(_ random: inout SampleRandom) {
    begin()
    let place = random.pick(SampleWords.places)
    put("{\"line1\": \"")
    put(random.pick(SampleWords.streets))
    put(" ")
    put(random.within(1...299))
    put("\", \"city\": \"\(place.city)\", \"country\": \"\(place.country)\"}")
  }

  /// Writes created_at and updated_at.
  mutating func times(_ random: inout SampleRandom, _ fault: SampleFault?) {
    let created = Self.lastSecond - random.below(400_000_000)
    let updated = created + random.below(Self.lastSecond - created + 1)
    if fault?.column == "created_at" { null(2) } else { timestamp(created); timestamp(updated) }
  }

  /// Writes a name of a row's own, such as a user's, of which there are a few dozen.
  mutating func person(_ random: inout SampleRandom) {
    begin()
    put(random.pick(SampleWords.firstNames))
    put(" ")
    put(random.pick(SampleWords.lastNames))
  }

  /// Writes a uuid out of a small set, as those of users and warehouses are.
  mutating func member(of set: UInt64, _ random: inout SampleRandom, count: Int) {
    let number = UInt64(random.below(count))
    key(.uuid(set << 32 | 0x4000, 1 << 63 | (number &+ 1) &* 0x0001_2345_6789))
  }
}
