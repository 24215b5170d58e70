/// The tables of the legacy system that sample data fills.
package enum SampleTable: String, Sendable, CaseIterable {
  case customers = "legacy_customers"
  case suppliers = "legacy_suppliers"
  case vendors = "legacy_vendors"
  case products = "legacy_products"
  case inventory = "legacy_inventory"
  case priceLists = "legacy_price_lists"
  case priceListItems = "legacy_price_list_items"
  case uploads = "legacy_upload_history"

  /// What a table's keys look like.
  package enum KeyStyle {
    case uuid
    /// A uuid in nine rows of ten, an old number with leading zeros in the tenth.
    case mixed
    case serial
  }

  var keyStyle: KeyStyle {
    switch self {
    case .customers: .uuid
    case .suppliers, .products, .priceLists: .mixed
    case .vendors, .inventory, .priceListItems, .uploads: .serial
    }
  }

  package var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How many rows each table gets.
package struct SampleSize: Sendable, Hashable {
  private var counts: [SampleTable: Int]

  /// Returns a size with the proportions of a trading company.
  package init(customers: Int) {
    let customers = max(1, customers)
    counts = [
      .customers: customers, .suppliers: max(20, customers / 10), .vendors: max(10, customers / 20),
      .products: max(50, customers / 2), .inventory: max(50, customers / 2),
      .priceLists: max(10, customers / 100), .priceListItems: max(50, customers / 2),
      .uploads: max(20, customers / 50),
    ]
  }

  package subscript(table: SampleTable) -> Int {
    get { counts[table] ?? 0 }
    set { counts[table] = max(1, newValue) }
  }

  /// Returns the size in which each fault has a place without exceeding the share of faulty rows.
  ///
  /// Only small tables grow, and none beyond 20,000 rows for that; customers stay as many as asked for.
  func grown(forShare share: Double) -> SampleSize {
    guard share > 0 else { return self }
    var grown = self
    for table in SampleTable.allCases where table != .customers {
      let needed = min(20_000, (Double(SampleFault.all(of: table).count) / share).rounded(.up))
      grown[table] = max(grown[table], Int(needed))
    }
    return grown
  }
}
