/// Writes one row of a table: the same row, to the byte, for the same seed and size.
struct SampleWriter {
  let layout: SampleLayout
  var row = SampleRow()

  init(_ layout: SampleLayout) { self.layout = layout }

  mutating func write(_ table: SampleTable, _ index: Int, _ fault: SampleFault?) {
    var random = SampleRandom(seed: layout.seed, table: table.index, row: index)
    row.key(layout.key(table, index))
    switch table {
    case .customers: writeCustomer(index, fault, &random)
    case .suppliers: writeSupplier(index, fault, &random)
    case .vendors: writeVendor(index, fault, &random)
    case .products: writeProduct(index, fault, &random)
    case .inventory: writeInventory(index, fault, &random)
    case .priceLists: writePriceList(index, fault, &random)
    case .priceListItems: writePriceListItem(index, fault, &random)
    case .uploads: writeUpload(index, fault, &random)
    }
    row.endRow()
  }

  /// The code of a row, such as `SUP-000017`, as far as the fault leaves it.
  mutating func code(_ table: SampleTable, _ index: Int, _ column: String, _ fault: SampleFault?) {
    guard let fault, fault.column == column else { return plainCode(table, index) }
    switch fault.kind {
    case .missing: row.null()
    case .duplicate: plainCode(table, layout.winner(table, index))
    case .takenBySupplier:
      var random = SampleRandom(seed: layout.seed, table: table.index, row: index, purpose: 4)
      plainCode(.suppliers, layout.soundRow(.suppliers, &random))
    case .tooLong:
      plainCode(table, index)
      row.put(String(repeating: "-X", count: table == .products ? 60 : 40))
    default: plainCode(table, index)
    }
  }

  mutating func plainCode(_ table: SampleTable, _ index: Int) {
    let prefix =
      switch table {
      case .customers: "CUST-"
      case .suppliers: "SUP-"
      case .vendors: "VEN-"
      default: "SKU-"
      }
    row.begin()
    row.put(code: prefix, index + 1)
  }

  /// A parent by its key, its code, or both, as such systems have it; or as the fault wants it.
  ///
  /// - Parameter keyColumn: the name of the column that holds the parent's key.
  mutating func parent(
    _ table: SampleTable, _ keyColumn: String, codeColumn: String, _ fault: SampleFault?,
    _ random: inout SampleRandom
  ) {
    let parent = layout.soundRow(table, &random)
    let form = random.below(10)
    guard let fault, fault.column == keyColumn || fault.column == codeColumn else {
      switch form {
      case 0..<6: row.key(layout.key(table, parent)); row.null()
      case 6..<8: row.null(); plainCode(table, parent)
      case 8: row.key(layout.key(table, parent)); plainCode(table, parent)
      // The key is of a row that was deleted, and the code still finds the new one.
      default: strayKey(&random); plainCode(table, parent)
      }
      return
    }
    switch fault.kind {
    case .orphanByCode: row.null(); row.text("GONE-\(form)")
    case .orphanByID: strayKey(&random); row.null()
    case .parentQuarantined: quarantinedKey(table, &random); row.null()
    default: row.null(2)
    }
  }

  /// A key that no row has.
  mutating func strayKey(_ random: inout SampleRandom) {
    let high = 0xDEAD_0000_0000_4000 | random.next() & 0xFFFF_0000
    row.key(.uuid(high, 1 << 63 | random.next() >> 2))
  }

  mutating func quarantinedKey(_ table: SampleTable, _ random: inout SampleRandom) {
    guard let parent = layout.quarantinedRow(table, &random) else { return strayKey(&random) }
    row.key(layout.key(table, parent))
  }
}
