import Testing

@testable import MigrationOperations
@testable import MigrationSample

/// For each fault an SQL condition that finds the rows that have it, written from the mapping alone.
enum SampleChecks {
  struct Check: Sendable, CustomTestStringConvertible {
    let table: SampleTable
    let fault: String
    let condition: String
    var testDescription: String { "\(table.rawValue) \(fault)" }
  }

  static let all: [Check] =
    companies(.customers, "customer_code") + companies(.suppliers, "supplier_code")
    + companies(.vendors, "vendor_code") + customersAndSuppliers + goods + lists + items + uploads

  private static func check(_ table: SampleTable, _ fault: String, _ condition: String) -> Check {
    Check(table: table, fault: fault, condition: condition)
  }

  private static func companies(_ table: SampleTable, _ code: String) -> [Check] {
    [
      check(table, "\(code).missing", "\(code) IS NULL"),
      check(
        table, "\(code).duplicate",
        "EXISTS (SELECT 1 FROM \(table.rawValue) o WHERE o.\(code) = t.\(code) AND o.id < t.id)"),
      check(table, "company_name.missing", "company_name IS NULL"),
      check(table, "company_name.tooLong", "length(company_name) > 255"),
      check(table, "email.missing", "email IS NULL"),
      check(table, "email.badEmail", "bad_email(email)"),
      check(table, "phone.badPhone", "bad_phone(phone)"),
      check(table, "created_at.missing", "created_at IS NULL AND updated_at IS NULL"),
    ]
  }

  private static let customersAndSuppliers = [
    check(.customers, "customer_code.tooLong", "length(customer_code) > 50"),
    check(.suppliers, "supplier_type.tooLong", "length(supplier_type) > 50"),
    check(.suppliers, "credit_limit.notANumber", "bad_number(credit_limit)"),
    check(
      .suppliers, "credit_limit.outOfRange",
      "NOT bad_number(credit_limit) AND abs(CASE WHEN NOT bad_number(credit_limit) THEN credit_limit::numeric END) >= 1e10"
    ),
    check(.suppliers, "performance_rating.outOfRange", "performance_rating >= 10"),
    check(
      .vendors, "vendor_code.takenBySupplier",
      "EXISTS (SELECT 1 FROM supplier_ok s WHERE s.code = t.vendor_code)"),
    check(.vendors, "credit_limit.outOfRange", "credit_limit >= 1e10"),
    check(.vendors, "performance_rating.outOfRange", "performance_rating >= 10"),
  ]

  private static let supplierCodes =
    "EXISTS (SELECT code FROM supplier_ok WHERE code = t.supplier_code UNION SELECT code FROM vendor_ok WHERE code = t.supplier_code)"

  /// The rows whose supplier is found neither by key nor by code, by what was given.
  private static func orphans(_ table: SampleTable) -> [Check] {
    let byKey = "EXISTS (SELECT 1 FROM supplier_ok s WHERE s.id = t.supplier_id)"
    return [
      check(
        table, "supplier_id.orphanByID",
        "supplier_id IS NOT NULL AND supplier_code IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_suppliers s WHERE s.id = t.supplier_id)"
      ),
      check(
        table, "supplier_code.orphanByCode",
        "supplier_code IS NOT NULL AND NOT \(supplierCodes) AND NOT \(byKey)"),
    ]
  }

  private static let withoutSupplier =
    "supplier_code IS NULL AND EXISTS (SELECT 1 FROM legacy_suppliers s WHERE s.id = t.supplier_id) AND NOT EXISTS (SELECT 1 FROM supplier_ok s WHERE s.id = t.supplier_id)"

  private static let goods =
    orphans(.products) + [
      check(.products, "supplier_id.parentQuarantined", withoutSupplier),
      check(.products, "sku.missing", "sku IS NULL"),
      check(
        .products, "sku.duplicate",
        "EXISTS (SELECT 1 FROM legacy_products o WHERE o.sku = t.sku AND o.id < t.id)"),
      check(.products, "sku.tooLong", "length(sku) > 100"),
      check(.products, "name.missing", "coalesce(name, product_name) IS NULL"),
      check(.products, "unit_price.negative", "unit_price < 0"),
      check(.products, "cost_price.negative", "cost_price < 0"),
      check(.products, "price.notANumber", "unit_price IS NULL AND bad_number(price)"),
      check(.products, "unit_price.outOfRange", "unit_price >= 1e8"),
      check(.products, "created_at.missing", "created_at IS NULL AND updated_at IS NULL"),
      check(.inventory, "product_id.missing", "product_id IS NULL AND product_sku IS NULL"),
      check(
        .inventory, "product_id.orphanByID",
        "product_id IS NOT NULL AND product_sku IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_products p WHERE p.id = t.product_id)"
      ),
      check(
        .inventory, "product_sku.orphanByCode",
        "product_sku IS NOT NULL AND NOT EXISTS (SELECT 1 FROM product_ok p WHERE p.sku = t.product_sku)"
      ),
      check(
        .inventory, "product_id.parentQuarantined",
        "EXISTS (SELECT 1 FROM legacy_products p WHERE p.id = t.product_id) AND NOT EXISTS (SELECT 1 FROM product_ok p WHERE p.id = t.product_id)"
      ),
      check(.inventory, "warehouse_id.missing", "warehouse_id IS NULL"),
      check(.inventory, "quantity_on_hand.negative", "quantity_on_hand < 0"),
      check(.inventory, "quantity.notANumber", "quantity_on_hand IS NULL AND bad_number(quantity)"),
      check(.inventory, "stock_status.tooLong", "length(stock_status) > 50"),
      check(.inventory, "average_cost.outOfRange", "average_cost >= 1e8"),
      check(.inventory, "created_at.missing", "created_at IS NULL AND updated_at IS NULL"),
    ]

  private static let lists =
    orphans(.priceLists) + [
      check(.priceLists, "supplier_id.parentQuarantined", withoutSupplier),
      check(.priceLists, "supplier_id.missing", "supplier_id IS NULL AND supplier_code IS NULL"),
      check(.priceLists, "name.missing", "coalesce(name, price_list_name) IS NULL"),
      check(.priceLists, "name.tooLong", "length(coalesce(name, price_list_name)) > 255"),
      check(.priceLists, "effective_date.missing", "effective_date IS NULL"),
      check(.priceLists, "effective_date.afterExpiry", "effective_date >= expiry_date"),
      check(
        .priceLists, "parent_price_list_id.orphanByID",
        "parent_price_list_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM list_ok p WHERE p.id = t.parent_price_list_id)"
      ),
      check(.priceLists, "created_at.missing", "created_at IS NULL AND updated_at IS NULL"),
    ]

  private static let items = [
    check(.priceListItems, "price_list_id.missing", "price_list_id IS NULL"),
    check(
      .priceListItems, "price_list_id.orphanByID",
      "price_list_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legacy_price_lists p WHERE p.id = t.price_list_id)"
    ),
    check(
      .priceListItems, "price_list_id.parentQuarantined",
      "EXISTS (SELECT 1 FROM legacy_price_lists p WHERE p.id = t.price_list_id) AND NOT EXISTS (SELECT 1 FROM list_ok p WHERE p.id = t.price_list_id)"
    ),
    check(.priceListItems, "sku.missing", "sku IS NULL"),
    check(.priceListItems, "sku.tooLong", "length(sku) > 100"),
    check(.priceListItems, "unit_price.missing", "unit_price IS NULL AND price IS NULL"),
    check(.priceListItems, "unit_price.negative", "unit_price < 0"),
    check(.priceListItems, "price.notANumber", "unit_price IS NULL AND bad_number(price)"),
    check(
      .priceListItems, "currency.badCurrency",
      "currency NOT IN ('USD', 'EUR', 'CZK', 'GBP', 'SEK', 'PLN', 'CHF')"),
    check(.priceListItems, "discount_percent.outOfRange", "discount_percent >= 1000"),
  ]

  private static let uploads =
    orphans(.uploads) + [
      check(.uploads, "file_name.missing", "file_name IS NULL"),
      check(.uploads, "file_type.missing", "file_type IS NULL"),
      check(.uploads, "file_size.missing", "file_size IS NULL"),
      check(.uploads, "file_size.outOfRange", "file_size > 2147483647"),
      check(.uploads, "status.missing", "status IS NULL"),
      check(.uploads, "status.tooLong", "length(status) > 50"),
      check(.uploads, "upload_date.missing", "upload_date IS NULL"),
      check(.uploads, "uploaded_by.missing", "uploaded_by IS NULL"),
      check(
        .uploads, "price_list_id.orphanByID",
        "price_list_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM list_ok p WHERE p.id = t.price_list_id)"
      ),
      check(.uploads, "created_at.missing", "created_at IS NULL AND updated_at IS NULL"),
    ]
}
