/// Customers, suppliers and vendors.
extension SampleWriter {
  mutating func writeCustomer(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    code(.customers, index, "customer_code", fault)
    row.company(&random, isFaulty: fault)
    row.email(&random, index, fault)
    row.phone(&random, fault)
    customerAddress(&random)
    row.person(&random)
    row.text(random.pick(SampleWords.tiers))
    if random.oneIn(8) { row.null() } else { row.amount(random.below(500_000) * 100) }
    row.text(random.oneIn(9) ? nil : random.pick(SampleWords.paymentTerms))
    taxNumber(&random)
    row.text(random.pick(SampleWords.trades))
    row.text(random.pick(SampleWords.statuses))
    row.times(&random, fault)
  }

  private mutating func customerAddress(_ random: inout SampleRandom) {
    let place = random.pick(SampleWords.places)
    row.begin()
    row.put(random.pick(SampleWords.streets))
    row.put(" ")
    row.put(random.within(1...299))
    if random.oneIn(3) {
      row.begin()
      row.put("Floor ")
      row.put(random.within(1...30))
    } else {
      row.null()
    }
    row.text(place.city)
    row.text(place.state)
    row.text(place.country)
    row.begin()
    row.put(random.within(10_000...99_999))
  }

  private mutating func taxNumber(_ random: inout SampleRandom) {
    if random.oneIn(6) { return row.null() }
    row.begin()
    row.put(random.pick(SampleWords.taxCountries))
    row.put(random.within(10_000_000...99_999_999))
  }

  mutating func writeSupplier(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    code(.suppliers, index, "supplier_code", fault)
    let type = random.pick(SampleWords.supplierTypes)
    row.text(fault?.column == "supplier_type" ? SampleWords.long : random.oneIn(5) ? nil : type)
    if random.oneIn(4) {
      row.null(3)
    } else {
      row.bool(true)
      row.timestamp(SampleRow.lastSecond - random.below(300_000_000))
      row.member(of: 0xA, &random, count: 40)
    }
    contact(index, fault, &random)
    supplierCredit(fault, &random)
    supplierFigures(fault, &random, longestLead: 120)
    row.times(&random, fault)
  }

  /// Credit limits were typed by hand: text.
  private mutating func supplierCredit(_ fault: SampleFault?, _ random: inout SampleRandom) {
    guard fault?.column != "credit_limit" else {
      return row.text(
        fault?.kind == .notANumber ? random.pick(SampleWords.notNumbers) : "12345678901.50")
    }
    if random.oneIn(5) { row.null() } else { row.amount(random.below(2_000_000) * 50) }
  }

  mutating func writeVendor(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    code(.vendors, index, "vendor_code", fault)
    row.text(random.pick(["service", "goods", "freight", nil]))
    row.text("{\"iso9001\": \(random.oneIn(2)), \"until\": \(random.within(2025...2030))}")
    row.text("{\"number\": \"K\(random.below(10_000))\", \"renewal\": null}")
    contact(index, fault, &random)
    if fault?.column == "credit_limit" {
      row.text("12345678901.50")
    } else {
      row.amount(random.below(1_000_000) * 100)
    }
    supplierFigures(fault, &random, longestLead: 60)
    row.times(&random, fault)
  }

  /// From the company's name to the payment terms: what suppliers and vendors have in common.
  private mutating func contact(
    _ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom
  ) {
    row.company(&random, isFaulty: fault)
    row.email(&random, index, fault)
    row.phone(&random, fault)
    row.text(random.oneIn(4) ? nil : "https://www.\(random.pick(SampleWords.mailNames)).example")
    if random.oneIn(7) { row.null() } else { row.address(&random) }
    row.text(
      random.oneIn(6)
        ? nil : "{\"person\": \"\(random.pick(SampleWords.lastNames))\", \"role\": \"sales\"}")
    row.text(random.oneIn(6) ? nil : "{\"days\": \(random.pick([14, 30, 60])), \"discount\": 2.5}")
  }

  /// From the tax number to is_active.
  private mutating func supplierFigures(
    _ fault: SampleFault?, _ random: inout SampleRandom, longestLead: Int
  ) {
    taxNumber(&random)
    row.text(random.pick(SampleWords.trades))
    if fault?.column == "performance_rating" {
      row.amount(random.within(1000...9999))
    } else if random.oneIn(7) {
      row.null()
    } else {
      row.amount(random.below(501))
    }
    if random.oneIn(7) { row.null() } else { row.int(random.below(longestLead)) }
    if random.oneIn(9) { row.null() } else { row.bool(!random.oneIn(10)) }
  }
}
