-- Products: what is sold. A product outlives its supplier.

CREATE TABLE products (
  id          uuid          NOT NULL DEFAULT gen_random_uuid(),
  sku         varchar(100)  NOT NULL,
  name        varchar(255)  NOT NULL,
  description text,
  category    varchar(100),
  unit_price  decimal(10,2) DEFAULT 0,
  cost_price  decimal(10,2) DEFAULT 0,
  supplier_id uuid,
  is_active   boolean       DEFAULT true,
  metadata    jsonb         DEFAULT '{}',
  created_at  timestamp     NOT NULL DEFAULT now(),
  updated_at  timestamp     NOT NULL DEFAULT now(),
  CONSTRAINT products_pkey PRIMARY KEY (id),
  CONSTRAINT products_sku_key UNIQUE (sku),
  CONSTRAINT products_supplier_id_fkey FOREIGN KEY (supplier_id)
    REFERENCES suppliers (id) ON DELETE SET NULL,
  CONSTRAINT products_unit_price_check CHECK (unit_price >= 0),
  CONSTRAINT products_cost_price_check CHECK (cost_price >= 0)
);

CREATE INDEX products_supplier_id_idx ON products (supplier_id);
CREATE INDEX products_category_idx ON products (category);
CREATE INDEX products_name_idx ON products (name);
