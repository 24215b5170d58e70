-- The legacy system's tables, as sample data fills them.
--
-- They are what such a system looks like after fifteen years: keys of every kind, two names for
-- one thing, numbers kept as text, and nearly everything may be null.

CREATE TABLE legacy_customers (
  id              uuid PRIMARY KEY,
  customer_code   varchar(100),
  company_name    text,
  email           text,
  phone           varchar(100),
  address_line_1  text,
  address_line_2  text,
  city            text,
  state           text,
  country         text,
  postal_code     varchar(20),
  contact_person  text,
  customer_type   varchar(30),
  credit_limit    numeric(14,2),
  payment_terms   text,
  tax_id          varchar(50),
  industry        text,
  customer_status varchar(20),
  created_at      timestamp,
  updated_at      timestamp
);

-- The key is a uuid, or a number with leading zeros from the years before.
CREATE TABLE legacy_suppliers (
  id                 varchar(64) PRIMARY KEY,
  supplier_code      varchar(100),
  supplier_type      text,
  is_approved        boolean,
  approved_at        timestamp,
  approved_by        uuid,
  company_name       text,
  email              text,
  phone              varchar(100),
  website            text,
  address_data       jsonb,
  contact_details    jsonb,
  payment_terms      jsonb,
  credit_limit       text,
  tax_id             varchar(50),
  industry           text,
  performance_rating numeric(6,2),
  lead_time_days     integer,
  is_active          boolean,
  created_at         timestamp,
  updated_at         timestamp
);

CREATE TABLE legacy_vendors (
  id                 integer PRIMARY KEY,
  vendor_code        varchar(100),
  vendor_type        text,
  certification_data jsonb,
  contract_details   json,
  company_name       text,
  email              text,
  phone              varchar(100),
  website            text,
  address_data       jsonb,
  contact_details    jsonb,
  payment_terms      jsonb,
  credit_limit       numeric(14,2),
  tax_id             varchar(50),
  industry           text,
  performance_rating numeric(6,2),
  lead_time_days     smallint,
  is_active          boolean,
  created_at         timestamp,
  updated_at         timestamp
);

-- price and cost are the older columns, text as they were typed; unit_price and cost_price came later.
CREATE TABLE legacy_products (
  id            varchar(64) PRIMARY KEY,
  sku           text,
  name          text,
  product_name  text,
  description   text,
  category      varchar(100),
  unit_price    numeric(12,2),
  price         text,
  cost_price    numeric(12,2),
  cost          text,
  supplier_id   varchar(64),
  supplier_code varchar(100),
  is_active     boolean,
  product_code  varchar(100),
  barcode       varchar(20),
  weight        numeric(10,3),
  dimensions    jsonb,
  tags          text[],
  created_at    timestamp,
  updated_at    timestamp
);

CREATE TABLE legacy_inventory (
  id                  integer PRIMARY KEY,
  product_id          varchar(64),
  product_sku         text,
  warehouse_id        uuid,
  location_id         uuid,
  quantity_on_hand    integer,
  quantity            text,
  quantity_available  integer,
  quantity_reserved   integer,
  quantity_in_transit integer,
  last_stock_check    timestamp,
  last_movement       timestamp,
  stock_status        text,
  reorder_point       integer,
  reorder_quantity    integer,
  max_stock_level     integer,
  min_stock_level     integer,
  average_cost        numeric(12,2),
  last_purchase_cost  numeric(12,2),
  created_at          timestamp,
  updated_at          timestamp
);

CREATE TABLE legacy_price_lists (
  id                   varchar(64) PRIMARY KEY,
  supplier_id          varchar(64),
  supplier_code        varchar(100),
  name                 text,
  price_list_name      text,
  effective_date       date,
  expiry_date          date,
  status               text,
  version              varchar(50),
  parent_price_list_id varchar(64),
  upload_format        varchar(50),
  original_file_path   text,
  original_file_name   text,
  validation_status    varchar(50),
  validation_errors    jsonb,
  approved_by          uuid,
  approved_at          timestamp,
  item_count           integer,
  currencies_supported jsonb,
  created_at           timestamp,
  updated_at           timestamp
);

CREATE TABLE legacy_price_list_items (
  id               bigint PRIMARY KEY,
  price_list_id    varchar(64),
  sku              text,
  description      text,
  unit_price       numeric(18,5),
  price            text,
  currency         varchar(10),
  min_quantity     integer,
  discount_percent numeric(7,2),
  tier_pricing     jsonb
);

CREATE TABLE legacy_upload_history (
  id            bigint PRIMARY KEY,
  supplier_id   varchar(64),
  supplier_code varchar(100),
  file_name     text,
  file_type     varchar(50),
  file_size     bigint,
  status        text,
  item_count    integer,
  success_count integer,
  error_count   integer,
  errors        json,
  warnings      json,
  upload_date   timestamp,
  completed_at  timestamp,
  failed_at     timestamp,
  uploaded_by   uuid,
  price_list_id varchar(64),
  metadata      jsonb,
  created_at    timestamp,
  updated_at    timestamp
);
