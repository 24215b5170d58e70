/// Price lists, what is in them, and the files that they came in.
extension SampleWriter {
  mutating func writePriceList(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    parent(.suppliers, "supplier_id", codeColumn: "supplier_code", fault, &random)
    listName(index, fault, &random)
    dates(fault, &random)
    row.text(random.pick(["draft", "active", "expired", nil]))
    row.text(random.pick(["1.0", "1.1", "2.0", nil]))
    parentList(index, fault, &random)
    let type = random.pick(SampleWords.fileTypes)
    row.text(type)
    row.text(random.oneIn(4) ? nil : "/import/2024/\(index)/prices.\(type)")
    row.text(random.oneIn(4) ? nil : "prices.\(type)")
    row.text(random.pick(["pending", "valid", "invalid", nil]))
    row.text(random.oneIn(2) ? nil : "[{\"row\": \(random.below(500)), \"text\": \"no price\"}]")
    if random.oneIn(3) {
      row.null(2)
    } else {
      row.member(of: 0xA, &random, count: 40)
      row.timestamp(SampleRow.lastSecond - random.below(90_000_000))
    }
    if random.oneIn(5) { row.null() } else { row.int(random.below(2000)) }
    row.text(random.oneIn(4) ? nil : "[\"USD\", \"\(random.pick(SampleWords.currencies))\"]")
    row.times(&random, fault)
  }

  private mutating func listName(
    _ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom
  ) {
    let name = "Prices \(2015 + index % 11), \(random.pick(SampleWords.trades))"
    if fault?.column == "name" {
      row.text(fault?.kind == .missing ? nil : SampleWords.long)
      return row.null()
    }
    if random.oneIn(3) { row.null(); row.text(name) } else { row.text(name); row.null() }
  }

  private mutating func dates(_ fault: SampleFault?, _ random: inout SampleRandom) {
    let effective = SampleRow.lastSecond / 86_400 - random.below(3000)
    let lasts = random.within(30...700)
    switch fault?.kind {
    case .missing where fault?.column == "effective_date": row.null(); row.date(effective + lasts)
    case .afterExpiry: row.date(effective); row.date(effective - lasts)
    default:
      row.date(effective)
      if random.oneIn(3) { row.null() } else { row.date(effective + lasts) }
    }
  }

  /// The list that this one follows, which may come before or after it in any order of keys.
  private mutating func parentList(
    _ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom
  ) {
    if fault?.column == "parent_price_list_id" { return strayKey(&random) }
    if random.oneIn(2) { return row.null() }
    row.key(layout.key(.priceLists, layout.soundRow(.priceLists, &random)))
  }

  mutating func writePriceListItem(
    _ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom
  ) {
    list(fault, &random)
    let product = layout.soundRow(.products, &random)
    if fault?.column == "sku" {
      row.text(fault?.kind == .missing ? nil : SampleWords.long)
    } else {
      plainCode(.products, product)
    }
    row.text(random.oneIn(2) ? nil : random.pick(SampleWords.goods))
    itemPrice(fault, &random)
    let currency = random.pick(SampleWords.currencies)
    row.text(
      fault?.column == "currency"
        ? random.pick(SampleWords.notCurrencies) : random.oneIn(6) ? nil : currency)
    if random.oneIn(4) { row.null() } else { row.int(random.within(1...100)) }
    if fault?.column == "discount_percent" {
      row.amount(random.within(100_000...9_999_999))
    } else if random.oneIn(4) {
      row.null()
    } else {
      row.amount(random.below(5000))
    }
    row.text(random.oneIn(2) ? nil : "[{\"from\": \(random.within(10...90)), \"price\": 9.95}]")
  }

  private mutating func list(_ fault: SampleFault?, _ random: inout SampleRandom) {
    let parent = layout.soundRow(.priceLists, &random)
    guard let fault, fault.column == "price_list_id" else {
      return row.key(layout.key(.priceLists, parent))
    }
    switch fault.kind {
    case .orphanByID: strayKey(&random)
    case .parentQuarantined: quarantinedKey(.priceLists, &random)
    default: row.null()
    }
  }

  /// Prices of items have up to five digits after the point.
  private mutating func itemPrice(_ fault: SampleFault?, _ random: inout SampleRandom) {
    let price = random.within(1...900_000)
    switch (fault?.column, fault?.kind) {
    case ("unit_price", .missing): row.null(2)
    case ("unit_price", _): row.amount(-price); row.null()
    case ("price", _): row.null(); row.text(random.pick(SampleWords.notNumbers))
    case _ where random.oneIn(3): row.null(); row.amount(price)
    default:
      row.amount(price)
      row.put(random.below(1000), digits: 3)
      row.null()
    }
  }

  mutating func writeUpload(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    parent(.suppliers, "supplier_id", codeColumn: "supplier_code", fault, &random)
    let type = random.pick(SampleWords.fileTypes)
    row.text(fault?.column == "file_name" ? nil : "upload \(index).\(type)")
    row.text(fault?.column == "file_type" ? nil : type)
    switch (fault?.column, fault?.kind) {
    case ("file_size", .missing): row.null()
    case ("file_size", _): row.int(3_000_000_000 + random.below(1_000_000))
    default: row.int(random.within(100...50_000_000))
    }
    let failed = random.oneIn(8)
    let status = failed ? "failed" : "completed"
    row.text(
      fault?.column == "status" ? (fault?.kind == .missing ? nil : SampleWords.long) : status)
    uploadCounts(failed, &random)
    uploadTimes(failed, fault, &random)
    if fault?.column == "uploaded_by" {
      row.null()
    } else {
      row.member(of: 0xA, &random, count: 40)
    }
    uploadedList(fault, &random)
    row.text(random.oneIn(3) ? nil : "{\"client\": \"web\", \"retries\": \(random.below(4))}")
    row.times(&random, fault)
  }

  /// From item_count to warnings.
  private mutating func uploadCounts(_ failed: Bool, _ random: inout SampleRandom) {
    let items = random.below(3000)
    if random.oneIn(5) {
      row.null(3)
    } else {
      for count in [items, failed ? 0 : items, failed ? items : 0] { row.int(count) }
    }
    row.text(
      failed
        ? "[{\"line\": \(random.below(3000)), \"code\": \"E7\"}]" : random.oneIn(2) ? nil : "[]")
    row.text(random.oneIn(2) ? nil : "[\"blank lines\"]")
  }

  private mutating func uploadTimes(
    _ failed: Bool, _ fault: SampleFault?, _ random: inout SampleRandom
  ) {
    let uploaded = SampleRow.lastSecond - random.below(100_000_000)
    if fault?.column == "upload_date" { row.null() } else { row.timestamp(uploaded) }
    if failed {
      row.null(); row.timestamp(uploaded + 90)
    } else {
      row.timestamp(uploaded + 45); row.null()
    }
  }

  private mutating func uploadedList(_ fault: SampleFault?, _ random: inout SampleRandom) {
    if fault?.column == "price_list_id" { return strayKey(&random) }
    if random.oneIn(3) { return row.null() }
    row.key(layout.key(.priceLists, layout.soundRow(.priceLists, &random)))
  }
}
