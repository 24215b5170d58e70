-- Price lists, which may follow an earlier list, and what stands in them.

CREATE TABLE price_lists (
  id                   uuid         NOT NULL DEFAULT gen_random_uuid(),
  supplier_id          uuid         NOT NULL,
  name                 varchar(255) NOT NULL,
  effective_date       date         NOT NULL,
  expiry_date          date,
  status               varchar(50)  DEFAULT 'draft',
  version              varchar(50)  DEFAULT '1.0',
  parent_price_list_id uuid,
  upload_format        varchar(50),
  original_file_path   text,
  original_file_name   varchar(255),
  validation_status    varchar(50)  DEFAULT 'pending',
  validation_errors    jsonb        DEFAULT '[]',
  approved_by          uuid,
  approved_at          timestamp,
  item_count           integer      DEFAULT 0,
  currencies_supported jsonb        DEFAULT '["USD"]',
  created_at           timestamp    NOT NULL DEFAULT now(),
  updated_at           timestamp    NOT NULL DEFAULT now(),
  CONSTRAINT price_lists_pkey PRIMARY KEY (id),
  CONSTRAINT price_lists_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES suppliers (id),
  CONSTRAINT price_lists_parent_price_list_id_fkey FOREIGN KEY (parent_price_list_id)
    REFERENCES price_lists (id),
  CONSTRAINT price_lists_dates_check CHECK (effective_date < expiry_date)
);

CREATE INDEX price_lists_supplier_id_idx ON price_lists (supplier_id);
CREATE INDEX price_lists_parent_price_list_id_idx ON price_lists (parent_price_list_id);
CREATE INDEX price_lists_status_idx ON price_lists (status, effective_date);

CREATE TABLE price_list_items (
  id               uuid          NOT NULL DEFAULT gen_random_uuid(),
  price_list_id    uuid          NOT NULL,
  sku              varchar(100)  NOT NULL,
  description      text,
  unit_price       decimal(15,5) NOT NULL,
  currency         varchar(3)    DEFAULT 'USD',
  min_quantity     integer       DEFAULT 1,
  discount_percent decimal(5,2)  DEFAULT 0,
  tier_pricing     jsonb         DEFAULT '[]',
  CONSTRAINT price_list_items_pkey PRIMARY KEY (id),
  CONSTRAINT price_list_items_price_list_id_fkey FOREIGN KEY (price_list_id)
    REFERENCES price_lists (id) ON DELETE CASCADE,
  CONSTRAINT price_list_items_unit_price_check CHECK (unit_price >= 0)
);

CREATE INDEX price_list_items_price_list_id_idx ON price_list_items (price_list_id);
CREATE INDEX price_list_items_sku_idx ON price_list_items (sku);
