/// The mapping that the NXT plan must keep to, a line for each field: target table, target field,
/// its type, source table, source columns, rule.
let nxtMapping = """
  customers | id | uuid primary key | legacy_customers | id | keep if a uuid, else a deterministic new one
  customers | customer_code | varchar(50) unique | legacy_customers | customer_code | required
  customers | company_name | varchar(255) | legacy_customers | company_name | required
  customers | email | varchar(255) | legacy_customers | email | required; email format
  customers | phone | varchar(50) | legacy_customers | phone | phone normalised; an invalid one is kept and flagged
  customers | address.line1 | jsonb | legacy_customers | address_line_1 |
  customers | address.line2 | jsonb | legacy_customers | address_line_2 |
  customers | address.city | jsonb | legacy_customers | city |
  customers | address.state | jsonb | legacy_customers | state |
  customers | address.country | jsonb | legacy_customers | country |
  customers | address.postalCode | jsonb | legacy_customers | postal_code |
  customers | metadata.contactPerson | jsonb | legacy_customers | contact_person |
  customers | metadata.legacy.customerType | jsonb | legacy_customers | customer_type |
  customers | metadata.legacy.creditLimit | jsonb | legacy_customers | credit_limit | number
  customers | metadata.legacy.paymentTerms | jsonb | legacy_customers | payment_terms |
  customers | metadata.legacy.taxId | jsonb | legacy_customers | tax_id |
  customers | metadata.legacy.industry | jsonb | legacy_customers | industry |
  customers | metadata.legacy.status | jsonb | legacy_customers | customer_status |
  customers | metadata.migrationDate | jsonb | legacy_customers |  | time of the run
  customers | purchase_history | jsonb | legacy_customers |  | constant []
  customers | created_at | timestamp | legacy_customers | created_at | time of the run where null
  customers | updated_at | timestamp | legacy_customers | updated_at | time of the run where null
  suppliers | id | uuid primary key | legacy_suppliers | id | keep if a uuid, else a deterministic new one
  suppliers | supplier_code | varchar(50) unique | legacy_suppliers | supplier_code | required
  suppliers | supplier_type | varchar(50) | legacy_suppliers | supplier_type | default 'supplier'
  suppliers | is_approved | boolean | legacy_suppliers | is_approved | default false
  suppliers | approved_at | timestamp | legacy_suppliers | approved_at |
  suppliers | approved_by | uuid | legacy_suppliers | approved_by |
  suppliers | vendor_metadata.legacy.originalType | jsonb | legacy_suppliers |  | constant 'supplier'
  suppliers | company_name | varchar(255) | legacy_suppliers | company_name | required
  suppliers | email | varchar(255) | legacy_suppliers | email | required; email format
  suppliers | phone | varchar(50) | legacy_suppliers | phone | phone normalised; an invalid one is kept and flagged
  suppliers | website | varchar(255) | legacy_suppliers | website |
  suppliers | address | jsonb | legacy_suppliers | address_data | {} where null
  suppliers | contact_details | jsonb | legacy_suppliers | contact_details | {} where null
  suppliers | payment_terms | jsonb | legacy_suppliers | payment_terms | {} where null
  suppliers | credit_limit | decimal(12,2) | legacy_suppliers | credit_limit |
  suppliers | tax_id | varchar(50) | legacy_suppliers | tax_id |
  suppliers | industry | varchar(100) | legacy_suppliers | industry |
  suppliers | performance_rating | decimal(3,2) | legacy_suppliers | performance_rating | default 0
  suppliers | lead_time_days | integer | legacy_suppliers | lead_time_days | default 0
  suppliers | is_active | boolean | legacy_suppliers | is_active | default true
  suppliers | created_at | timestamp | legacy_suppliers | created_at | time of the run where null
  suppliers | updated_at | timestamp | legacy_suppliers | updated_at | time of the run where null
  suppliers | vendor_metadata.migrationDate | jsonb | legacy_suppliers |  | time of the run
  suppliers | id | uuid primary key | legacy_vendors | id | keep if a uuid, else a deterministic new one
  suppliers | supplier_code | varchar(50) unique | legacy_vendors | vendor_code | required
  suppliers | supplier_type | varchar(50) | legacy_vendors |  | constant 'vendor'
  suppliers | is_approved | boolean | legacy_vendors |  | constant true
  suppliers | approved_at | timestamp | legacy_vendors | created_at |
  suppliers | vendor_metadata.legacy.originalType | jsonb | legacy_vendors |  | constant 'vendor'
  suppliers | vendor_metadata.legacy.vendorType | jsonb | legacy_vendors | vendor_type |
  suppliers | vendor_metadata.legacy.certificationData | jsonb | legacy_vendors | certification_data |
  suppliers | vendor_metadata.legacy.contractDetails | jsonb | legacy_vendors | contract_details |
  suppliers | company_name | varchar(255) | legacy_vendors | company_name | required
  suppliers | email | varchar(255) | legacy_vendors | email | required; email format
  suppliers | phone | varchar(50) | legacy_vendors | phone | phone normalised; an invalid one is kept and flagged
  suppliers | website | varchar(255) | legacy_vendors | website |
  suppliers | address | jsonb | legacy_vendors | address_data | {} where null
  suppliers | contact_details | jsonb | legacy_vendors | contact_details | {} where null
  suppliers | payment_terms | jsonb | legacy_vendors | payment_terms | {} where null
  suppliers | credit_limit | decimal(12,2) | legacy_vendors | credit_limit |
  suppliers | tax_id | varchar(50) | legacy_vendors | tax_id |
  suppliers | industry | varchar(100) | legacy_vendors | industry |
  suppliers | performance_rating | decimal(3,2) | legacy_vendors | performance_rating | default 0
  suppliers | lead_time_days | integer | legacy_vendors | lead_time_days | default 0
  suppliers | is_active | boolean | legacy_vendors | is_active | default true
  suppliers | created_at | timestamp | legacy_vendors | created_at | time of the run where null
  suppliers | updated_at | timestamp | legacy_vendors | updated_at | time of the run where null
  suppliers | vendor_metadata.migrationDate | jsonb | legacy_vendors |  | time of the run
  products | id | uuid primary key | legacy_products | id | keep if a uuid, else a deterministic new one
  products | sku | varchar(100) unique | legacy_products | sku | required
  products | name | varchar(255) | legacy_products | name, product_name | first non-null; required
  products | description | text | legacy_products | description |
  products | category | varchar(100) | legacy_products | category |
  products | unit_price | decimal(10,2) | legacy_products | unit_price, price | first non-null; default 0; not negative
  products | cost_price | decimal(10,2) | legacy_products | cost_price, cost | first non-null; default 0; not negative
  products | supplier_id | uuid references suppliers | legacy_products | supplier_id, supplier_code | supplier_id where it exists, else look suppliers up by supplier_code; an orphan becomes null with a warning
  products | is_active | boolean | legacy_products | is_active | default true
  products | metadata.legacy.productCode | jsonb | legacy_products | product_code |
  products | metadata.legacy.barcode | jsonb | legacy_products | barcode |
  products | metadata.legacy.weight | jsonb | legacy_products | weight |
  products | metadata.legacy.dimensions | jsonb | legacy_products | dimensions |
  products | metadata.legacy.tags | jsonb | legacy_products | tags |
  products | metadata.migrationDate | jsonb | legacy_products |  | time of the run
  products | created_at | timestamp | legacy_products | created_at | time of the run where null
  products | updated_at | timestamp | legacy_products | updated_at | time of the run where null
  inventory | id | serial primary key | legacy_inventory |  | generated
  inventory | product_id | uuid references products | legacy_inventory | product_id, product_sku | product_id where it exists, else look products up by sku; an orphan row is skipped with a warning
  inventory | warehouse_id | uuid | legacy_inventory | warehouse_id | required
  inventory | location_id | uuid | legacy_inventory | location_id |
  inventory | quantity_on_hand | integer | legacy_inventory | quantity_on_hand, quantity | first non-null; default 0; not negative
  inventory | quantity_available | integer | legacy_inventory | quantity_available | quantity_on_hand where null
  inventory | quantity_reserved | integer | legacy_inventory | quantity_reserved | default 0
  inventory | quantity_in_transit | integer | legacy_inventory | quantity_in_transit | default 0
  inventory | last_stock_check | timestamp | legacy_inventory | last_stock_check |
  inventory | last_movement | timestamp | legacy_inventory | last_movement |
  inventory | stock_status | varchar(50) | legacy_inventory | stock_status | default 'in_stock'
  inventory | reorder_point | integer | legacy_inventory | reorder_point | default 0
  inventory | reorder_quantity | integer | legacy_inventory | reorder_quantity | default 0
  inventory | max_stock_level | integer | legacy_inventory | max_stock_level |
  inventory | min_stock_level | integer | legacy_inventory | min_stock_level | default 0
  inventory | average_cost | decimal(10,2) | legacy_inventory | average_cost |
  inventory | last_purchase_cost | decimal(10,2) | legacy_inventory | last_purchase_cost |
  inventory | metadata.legacy.originalInventoryId | jsonb | legacy_inventory | id |
  inventory | metadata.legacy.productSku | jsonb | legacy_inventory | product_sku |
  inventory | metadata.migrationDate | jsonb | legacy_inventory |  | time of the run
  inventory | created_at | timestamp | legacy_inventory | created_at | time of the run where null
  inventory | updated_at | timestamp | legacy_inventory | updated_at | time of the run where null
  price_lists | id | uuid primary key | legacy_price_lists | id | keep if a uuid, else a deterministic new one
  price_lists | supplier_id | uuid references suppliers | legacy_price_lists | supplier_id, supplier_code | supplier_id where it exists, else look suppliers up by supplier_code; required
  price_lists | name | varchar(255) | legacy_price_lists | name, price_list_name | first non-null; required
  price_lists | effective_date | date | legacy_price_lists | effective_date | required; before expiry_date
  price_lists | expiry_date | date | legacy_price_lists | expiry_date |
  price_lists | status | varchar(50) | legacy_price_lists | status | default 'draft'
  price_lists | version | varchar(50) | legacy_price_lists | version | default '1.0'
  price_lists | parent_price_list_id | uuid references price_lists | legacy_price_lists | parent_price_list_id |
  price_lists | upload_format | varchar(50) | legacy_price_lists | upload_format |
  price_lists | original_file_path | text | legacy_price_lists | original_file_path |
  price_lists | original_file_name | varchar(255) | legacy_price_lists | original_file_name |
  price_lists | validation_status | varchar(50) | legacy_price_lists | validation_status | default 'pending'
  price_lists | validation_errors | jsonb | legacy_price_lists | validation_errors | default []
  price_lists | approved_by | uuid | legacy_price_lists | approved_by |
  price_lists | approved_at | timestamp | legacy_price_lists | approved_at |
  price_lists | item_count | integer | legacy_price_lists | item_count | default 0
  price_lists | currencies_supported | jsonb | legacy_price_lists | currencies_supported | default ["USD"]
  price_lists | created_at | timestamp | legacy_price_lists | created_at | time of the run where null
  price_lists | updated_at | timestamp | legacy_price_lists | updated_at | time of the run where null
  price_list_items | id | uuid primary key | legacy_price_list_items | id | keep if a uuid, else a deterministic new one
  price_list_items | price_list_id | uuid references price_lists | legacy_price_list_items | price_list_id | required
  price_list_items | sku | varchar(100) | legacy_price_list_items | sku | required
  price_list_items | description | text | legacy_price_list_items | description |
  price_list_items | unit_price | decimal(15,5) | legacy_price_list_items | unit_price, price | first non-null; required; not negative
  price_list_items | currency | varchar(3) | legacy_price_list_items | currency | default 'USD'; ISO 4217, an invalid code is a warning
  price_list_items | min_quantity | integer | legacy_price_list_items | min_quantity | default 1
  price_list_items | discount_percent | decimal(5,2) | legacy_price_list_items | discount_percent | default 0
  price_list_items | tier_pricing | jsonb | legacy_price_list_items | tier_pricing | default []
  upload_history | id | uuid primary key | legacy_upload_history | id | keep if a uuid, else a deterministic new one
  upload_history | supplier_id | uuid references suppliers | legacy_upload_history | supplier_id, supplier_code | supplier_id where it exists, else look suppliers up by supplier_code
  upload_history | file_name | varchar(255) | legacy_upload_history | file_name | required
  upload_history | file_type | varchar(50) | legacy_upload_history | file_type | required
  upload_history | file_size | integer | legacy_upload_history | file_size | required
  upload_history | status | varchar(50) | legacy_upload_history | status | required
  upload_history | item_count | integer | legacy_upload_history | item_count | default 0
  upload_history | success_count | integer | legacy_upload_history | success_count | default 0
  upload_history | error_count | integer | legacy_upload_history | error_count | default 0
  upload_history | errors | jsonb | legacy_upload_history | errors | default []
  upload_history | warnings | jsonb | legacy_upload_history | warnings | default []
  upload_history | upload_date | timestamp | legacy_upload_history | upload_date | required
  upload_history | completed_at | timestamp | legacy_upload_history | completed_at |
  upload_history | failed_at | timestamp | legacy_upload_history | failed_at |
  upload_history | uploaded_by | uuid | legacy_upload_history | uploaded_by | required
  upload_history | price_list_id | uuid references price_lists | legacy_upload_history | price_list_id |
  upload_history | metadata | jsonb | legacy_upload_history | metadata | default {}
  upload_history | created_at | timestamp | legacy_upload_history | created_at | time of the run where null
  upload_history | updated_at | timestamp | legacy_upload_history | updated_at | time of the run where null
  """
