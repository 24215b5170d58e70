import MigrationCore
import TestSupport
import Testing

/// A way to spoil a migrated target, and how the report must name it.
struct ValidationFault {
  let name: String
  let sql: String
  /// The table that must be named, and the layer that must fail.
  let table: String
  let layer: String
  /// A query for the key that must be named, asked before the fault is made; nil if none is.
  let key: String?

  init(_ name: String, _ table: String, _ layer: String, key: String?, _ sql: String) {
    (self.name, self.table, self.layer, self.key, self.sql) = (name, table, layer, key, sql)
  }

  private static let first = "(select id from customers order by id limit 1)"
  private static let last = "(select id from customers order by id desc limit 1)"

  static let all: [ValidationFault] = [
    ValidationFault(
      "one character changed", "customers", "records", key: "select \(first)",
      "update customers set company_name = overlay(company_name placing '~' from 2 for 1) where id = \(first)"
    ),
    ValidationFault(
      "two rows swapped between keys", "customers", "records", key: "select \(first)",
      """
      alter table customers drop constraint customers_customer_code_key;
      update customers c set customer_code = o.customer_code, email = o.email, address = o.address
      from customers o where (c.id, o.id) in ((\(first), \(last)), (\(last), \(first)))
      """),
    ValidationFault(
      "a row deleted", "upload_history", "records",
      key: "select id from upload_history order by id limit 1",
      "delete from upload_history where id = (select id from upload_history order by id limit 1)"),
    ValidationFault(
      "a row doubled", "upload_history", "counts", key: nil,
      """
      alter table upload_history drop constraint upload_history_pkey cascade;
      insert into upload_history select * from upload_history order by id limit 1
      """),
    ValidationFault(
      "a row doubled under another key", "upload_history", "records", key: nil,
      """
      create temp table twin as select * from upload_history order by id limit 1;
      update twin set id = gen_random_uuid(); insert into upload_history select * from twin
      """),
    ValidationFault(
      "a numeric's scale changed", "products", "records",
      key: "select id from products order by id limit 1",
      """
      alter table products alter unit_price type numeric;
      update products set unit_price = unit_price + 0.000
      where id = (select id from products order by id limit 1)
      """),
    ValidationFault(
      "a timestamp off by one millisecond", "customers", "records", key: "select \(first)",
      "update customers set created_at = created_at + interval '1 millisecond' where id = \(first)"),
    ValidationFault(
      "a timestamp off by a time zone", "customers", "records", key: "select \(last)",
      "update customers set updated_at = updated_at at time zone 'UTC' at time zone 'Europe/Prague' where id = \(last)"
    ),
    ValidationFault(
      "a JSON number turned into a string", "products", "records",
      key:
        "select id from products where metadata->'legacy'->'weight' <> 'null' order by id limit 1",
      """
      update products set metadata = jsonb_set(metadata, '{legacy,weight}',
        to_jsonb(metadata->'legacy'->>'weight')) where id = (select id from products
        where metadata->'legacy'->'weight' <> 'null' order by id limit 1)
      """),
    ValidationFault(
      "a JSON key renamed", "customers", "types", key: "select \(first)",
      "update customers set address = (address - 'city') || jsonb_build_object('town', address->'city') where id = \(first)"
    ),
    ValidationFault(
      "an array element dropped", "products", "records",
      key:
        "select id from products where jsonb_typeof(metadata->'legacy'->'tags') = 'array' order by id limit 1",
      """
      update products set metadata = metadata #- '{legacy,tags,0}' where id = (select id from products
        where jsonb_typeof(metadata->'legacy'->'tags') = 'array' order by id limit 1)
      """),
    ValidationFault(
      "a reference that points nowhere", "products", "references",
      key: "select id from products where supplier_id is not null order by id limit 1",
      """
      set session_replication_role = replica;
      update products set supplier_id = gen_random_uuid() where id = (select id from products
        where supplier_id is not null order by id limit 1)
      """),
    ValidationFault(
      "a foreign key set aside", "products", "references", key: nil,
      """
      alter table products drop constraint products_supplier_id_fkey;
      alter table products add constraint products_supplier_id_fkey foreign key (supplier_id)
        references suppliers (id) not valid
      """),
    ValidationFault(
      "a blank behind a text", "customers", "records", key: "select \(first)",
      "update customers set email = email || ' ' where id = \(first)"),
    ValidationFault(
      "another Unicode form", "customers", "records",
      key: "select min(id::text) from customers where normalize(company_name, NFD) <> company_name",
      """
      update customers set company_name = normalize(company_name, NFD) where id = (select min(id::text)
        from customers where normalize(company_name, NFD) <> company_name)::uuid
      """),
    ValidationFault(
      "an empty text in place of null", "customers", "records",
      key: "select id from customers where phone is null order by id limit 1",
      "update customers set phone = '' where id = (select id from customers where phone is null order by id limit 1)"
    ),
    ValidationFault(
      "null in place of a text", "customers", "records",
      key: "select id from customers where phone is not null order by id limit 1",
      "update customers set phone = null where id = (select id from customers where phone is not null order by id limit 1)"
    ),
    ValidationFault(
      "a boolean turned", "products", "records", key: "select id from products order by id limit 1",
      "update products set is_active = not is_active where id = (select id from products order by id limit 1)"
    ),
    ValidationFault(
      "a number off by one", "inventory", "records",
      key: "select id from inventory order by id limit 1",
      "update inventory set quantity_on_hand = quantity_on_hand + 1 where id = (select id from inventory order by id limit 1)"
    ),
    ValidationFault(
      "a date off by a day", "price_lists", "records",
      key: "select id from price_lists order by id limit 1",
      "update price_lists set effective_date = effective_date - 1 where id = (select id from price_lists order by id limit 1)"
    ),
    ValidationFault(
      "a table emptied", "upload_history", "counts", key: nil, "truncate upload_history"),
    ValidationFault(
      "a table gone", "upload_history", "counts", key: nil, "drop table upload_history"),
    ValidationFault(
      "the books changed", "customers", "counts", key: nil,
      "delete from migrate.quarantine where id = (select min(id) from migrate.quarantine)"),
  ]

  /// A migrated NXT target, and what it came from; made once, for no test changes it.
  private static let original: Result<(TemporaryDatabase, TemporaryDatabase), any Error> = Result {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 600 --dirty 4").exitCode == 0)
    // Text that has two Unicode forms.
    try psql(
      source.url,
      "update legacy_customers set company_name = 'Žluťoučký ' || company_name where company_name like 'B%'"
    )
    #expect(try migrate("run --all").exitCode == 5)
    return (source, target)
  }

  /// Returns a migrated target of one's own, with the source that it came from.
  static func migrated() throws -> (Migrate, TemporaryDatabase, TemporaryDatabase) {
    let (source, original) = try original.get()
    let target = try TemporaryDatabase("nxt", copying: original)
    return (
      try Undisturbed.prepared(source: source.url, target: target.url), source, target
    )
  }
}
