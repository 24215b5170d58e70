/// A fault of sample data: what is wrong with a row, and the expected result.
package struct SampleFault: Sendable, Hashable {
  /// The result that the NXT mapping requires for a row with the fault.
  package enum Effect: String, Sendable, CaseIterable {
    /// The row is quarantined.
    case quarantined
    /// The row is loaded, and a warning counted; the value is kept or becomes null.
    case warned
    /// The row is loaded with a value in place of the missing one.
    case filled
  }

  /// What is wrong; with the column it makes the fault.
  package enum Kind: String, Sendable, CaseIterable {
    case missing, badEmail, badPhone, duplicate, takenBySupplier, tooLong, negative, notANumber
    case outOfRange, orphanByID, orphanByCode, parentQuarantined, badCurrency, afterExpiry
  }

  package let table: SampleTable
  package let kind: Kind
  /// The source column at fault; of several that represent one value, the first.
  package let column: String
  package let effect: Effect

  /// The name of the fault in the manifest, such as `email.badEmail`.
  package var name: String { "\(column).\(kind.rawValue)" }
}

extension SampleFault {
  /// The faults of a table, in the order in which they take turns.
  package static func all(of table: SampleTable) -> [SampleFault] { lists[table] ?? [] }

  private static let lists: [SampleTable: [SampleFault]] = [
    .customers: company(.customers, code: "customer_code") + [
      fault(.customers, .tooLong, "customer_code")
    ],
    .suppliers: company(.suppliers, code: "supplier_code") + [
      fault(.suppliers, .tooLong, "supplier_type"), fault(.suppliers, .notANumber, "credit_limit"),
      fault(.suppliers, .outOfRange, "credit_limit"),
      fault(.suppliers, .outOfRange, "performance_rating"),
    ],
    .vendors: company(.vendors, code: "vendor_code") + [
      fault(.vendors, .takenBySupplier, "vendor_code"),
      fault(.vendors, .outOfRange, "credit_limit"),
      fault(.vendors, .outOfRange, "performance_rating"),
    ],
    .products: [
      fault(.products, .missing, "sku"), fault(.products, .duplicate, "sku"),
      fault(.products, .tooLong, "sku"), fault(.products, .missing, "name"),
      fault(.products, .negative, "unit_price"), fault(.products, .negative, "cost_price"),
      fault(.products, .notANumber, "price"), fault(.products, .outOfRange, "unit_price"),
      fault(.products, .orphanByID, "supplier_id", .warned),
      fault(.products, .orphanByCode, "supplier_code", .warned),
      fault(.products, .parentQuarantined, "supplier_id", .warned),
      fault(.products, .missing, "created_at", .filled),
    ],
    .inventory: [
      fault(.inventory, .missing, "product_id"), fault(.inventory, .orphanByID, "product_id"),
      fault(.inventory, .orphanByCode, "product_sku"),
      fault(.inventory, .parentQuarantined, "product_id"),
      fault(.inventory, .missing, "warehouse_id"), fault(.inventory, .negative, "quantity_on_hand"),
      fault(.inventory, .notANumber, "quantity"), fault(.inventory, .tooLong, "stock_status"),
      fault(.inventory, .outOfRange, "average_cost"),
      fault(.inventory, .missing, "created_at", .filled),
    ],
    .priceLists: [
      fault(.priceLists, .missing, "supplier_id"), fault(.priceLists, .orphanByID, "supplier_id"),
      fault(.priceLists, .orphanByCode, "supplier_code"),
      fault(.priceLists, .parentQuarantined, "supplier_id"), fault(.priceLists, .missing, "name"),
      fault(.priceLists, .tooLong, "name"), fault(.priceLists, .missing, "effective_date"),
      fault(.priceLists, .afterExpiry, "effective_date"),
      fault(.priceLists, .orphanByID, "parent_price_list_id", .warned),
      fault(.priceLists, .missing, "created_at", .filled),
    ],
    .priceListItems: [
      fault(.priceListItems, .missing, "price_list_id"),
      fault(.priceListItems, .orphanByID, "price_list_id"),
      fault(.priceListItems, .parentQuarantined, "price_list_id"),
      fault(.priceListItems, .missing, "sku"), fault(.priceListItems, .tooLong, "sku"),
      fault(.priceListItems, .missing, "unit_price"),
      fault(.priceListItems, .negative, "unit_price"),
      fault(.priceListItems, .notANumber, "price"),
      fault(.priceListItems, .badCurrency, "currency", .warned),
      fault(.priceListItems, .outOfRange, "discount_percent"),
    ],
    .uploads: [
      fault(.uploads, .missing, "file_name"), fault(.uploads, .missing, "file_type"),
      fault(.uploads, .missing, "file_size"), fault(.uploads, .outOfRange, "file_size"),
      fault(.uploads, .missing, "status"), fault(.uploads, .tooLong, "status"),
      fault(.uploads, .missing, "upload_date"), fault(.uploads, .missing, "uploaded_by"),
      fault(.uploads, .orphanByID, "supplier_id", .warned),
      fault(.uploads, .orphanByCode, "supplier_code", .warned),
      fault(.uploads, .orphanByID, "price_list_id", .warned),
      fault(.uploads, .missing, "created_at", .filled),
    ],
  ]

  /// The faults that customers, suppliers and vendors have in common.
  private static func company(_ table: SampleTable, code: String) -> [SampleFault] {
    [
      fault(table, .missing, code), fault(table, .duplicate, code),
      fault(table, .missing, "company_name"), fault(table, .tooLong, "company_name"),
      fault(table, .missing, "email"), fault(table, .badEmail, "email"),
      fault(table, .badPhone, "phone", .warned), fault(table, .missing, "created_at", .filled),
    ]
  }

  private static func fault(
    _ table: SampleTable, _ kind: Kind, _ column: String, _ effect: Effect = .quarantined
  ) -> SampleFault {
    SampleFault(table: table, kind: kind, column: column, effect: effect)
  }
}
