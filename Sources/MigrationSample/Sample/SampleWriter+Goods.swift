/// Products and inventory.
extension SampleWriter {
  mutating func writeProduct(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    code(.products, index, "sku", fault)
    productName(fault, &random)
    row.text(
      random.oneIn(5)
        ? nil
        : "Made of \(random.pick(SampleWords.colours)) material.\\nSee leaflet \"A\\\\\(index % 50)\"."
    )
    row.text(random.pick(SampleWords.trades))
    price(
      random.within(100...900_000), newColumn: "unit_price", oldColumn: "price",
      beyond: 12_345_678_900,
      fault, &random)
    price(
      random.within(50...500_000), newColumn: "cost_price", oldColumn: "cost",
      beyond: 12_345_678_900,
      fault, &random)
    parent(.suppliers, "supplier_id", codeColumn: "supplier_code", fault, &random)
    if random.oneIn(9) { row.null() } else { row.bool(!random.oneIn(12)) }
    productPapers(index, &random)
    row.times(&random, fault)
  }

  /// Some rows have the name in the older column, which only counts if the newer one is null.
  private mutating func productName(_ fault: SampleFault?, _ random: inout SampleRandom) {
    if fault?.column == "name" { return row.null(2) }
    let name =
      "\(random.pick(SampleWords.colours)) \(random.pick(SampleWords.goods)) \(random.below(500))"
    switch random.below(10) {
    case 0..<6: row.text(name); row.null()
    case 6..<9: row.null(); row.text(name)
    default: row.text(name); row.text("old name of it")
    }
  }

  /// A price in its newer, numeric or its older, text column.
  private mutating func price(
    _ hundredths: Int, newColumn: String, oldColumn: String, beyond: Int, _ fault: SampleFault?,
    _ random: inout SampleRandom
  ) {
    if fault?.column == oldColumn {
      row.null(); return row.text(random.pick(SampleWords.notNumbers))
    }
    if fault?.column == newColumn {
      row.amount(fault?.kind == .negative ? -hundredths : beyond)
      return row.null()
    }
    switch random.below(10) {
    case 0..<7: row.amount(hundredths); row.null()
    case 7..<9: row.null(); row.amount(hundredths)
    default: row.null(2)
    }
  }

  /// From the product code to the tags.
  private mutating func productPapers(_ index: Int, _ random: inout SampleRandom) {
    row.begin()
    row.put(code: "P", index)
    if random.oneIn(4) {
      row.null()
    } else {
      row.begin()
      row.put(4_000_000_000_000 + random.below(999_999_999_999))
    }
    if random.oneIn(4) { row.null() } else { row.amount(random.within(1...99_999)) }
    row.text(
      random.oneIn(5)
        ? nil : "{\"w\": \(random.below(200)), \"h\": \(random.below(200)), \"unit\": \"cm\"}")
    row.text(random.oneIn(4) ? nil : "{\(random.pick(SampleWords.colours)),\"on sale\",new}")
  }

  mutating func writeInventory(_ index: Int, _ fault: SampleFault?, _ random: inout SampleRandom) {
    parent(.products, "product_id", codeColumn: "product_sku", fault, &random)
    if fault?.column == "warehouse_id" {
      row.null()
    } else {
      row.member(of: 0xB, &random, count: 12)
    }
    if random.oneIn(5) { row.null() } else { row.member(of: 0xC, &random, count: 300) }
    quantities(fault, &random)
    let moved = SampleRow.lastSecond - random.below(60_000_000)
    if random.oneIn(3) { row.null() } else { row.timestamp(moved) }
    if random.oneIn(3) { row.null() } else { row.timestamp(moved - random.below(5_000_000)) }
    row.text(
      fault?.column == "stock_status"
        ? SampleWords.long : random.pick(SampleWords.stockStatuses))
    for most in [100, 500, 5000, 50] {
      if random.oneIn(5) { row.null() } else { row.int(random.below(most)) }
    }
    row.amount(fault?.column == "average_cost" ? 12_345_678_900 : random.within(50...400_000))
    if random.oneIn(4) { row.null() } else { row.amount(random.within(50...400_000)) }
    row.times(&random, fault)
  }

  /// From quantity_on_hand to quantity_in_transit.
  private mutating func quantities(_ fault: SampleFault?, _ random: inout SampleRandom) {
    let onHand = random.below(2000)
    switch (fault?.column, random.below(10)) {
    case ("quantity_on_hand", _): row.int(-1 - onHand); row.null()
    case ("quantity", _): row.null(); row.text(random.pick(SampleWords.notNumbers))
    case (_, 0..<7): row.int(onHand); row.null()
    case (_, 7..<9): row.null(); row.int(onHand)
    default: row.null(2)
    }
    if random.oneIn(4) { row.null() } else { row.int(onHand - onHand / 4) }
    if random.oneIn(4) { row.null() } else { row.int(onHand / 4) }
    if random.oneIn(4) { row.null() } else { row.int(random.below(100)) }
  }
}
