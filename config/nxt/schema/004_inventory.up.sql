-- Inventory: how much of a product lies where.

CREATE TABLE inventory (
  id                  serial        NOT NULL,
  product_id          uuid          NOT NULL,
  warehouse_id        uuid          NOT NULL,
  location_id         uuid,
  quantity_on_hand    integer       DEFAULT 0,
  quantity_available  integer       DEFAULT 0,
  quantity_reserved   integer       DEFAULT 0,
  quantity_in_transit integer       DEFAULT 0,
  last_stock_check    timestamp,
  last_movement       timestamp,
  stock_status        varchar(50)   DEFAULT 'in_stock',
  reorder_point       integer       DEFAULT 0,
  reorder_quantity    integer       DEFAULT 0,
  max_stock_level     integer,
  min_stock_level     integer       DEFAULT 0,
  average_cost        decimal(10,2),
  last_purchase_cost  decimal(10,2),
  metadata            jsonb         DEFAULT '{}',
  created_at          timestamp     NOT NULL DEFAULT now(),
  updated_at          timestamp     NOT NULL DEFAULT now(),
  CONSTRAINT inventory_pkey PRIMARY KEY (id),
  CONSTRAINT inventory_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT inventory_quantity_on_hand_check CHECK (quantity_on_hand >= 0)
);

CREATE INDEX inventory_product_id_idx ON inventory (product_id);
CREATE INDEX inventory_warehouse_id_idx ON inventory (warehouse_id, location_id);
CREATE INDEX inventory_stock_status_idx ON inventory (stock_status);
