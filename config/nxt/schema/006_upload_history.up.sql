-- Upload history: which files came in, and what became of them.

CREATE TABLE upload_history (
  id            uuid         NOT NULL DEFAULT gen_random_uuid(),
  supplier_id   uuid,
  file_name     varchar(255) NOT NULL,
  file_type     varchar(50)  NOT NULL,
  file_size     integer      NOT NULL,
  status        varchar(50)  NOT NULL,
  item_count    integer      DEFAULT 0,
  success_count integer      DEFAULT 0,
  error_count   integer      DEFAULT 0,
  errors        jsonb        DEFAULT '[]',
  warnings      jsonb        DEFAULT '[]',
  upload_date   timestamp    NOT NULL,
  completed_at  timestamp,
  failed_at     timestamp,
  uploaded_by   uuid         NOT NULL,
  price_list_id uuid,
  metadata      jsonb        DEFAULT '{}',
  created_at    timestamp    NOT NULL DEFAULT now(),
  updated_at    timestamp    NOT NULL DEFAULT now(),
  CONSTRAINT upload_history_pkey PRIMARY KEY (id),
  CONSTRAINT upload_history_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES suppliers (id),
  CONSTRAINT upload_history_price_list_id_fkey FOREIGN KEY (price_list_id)
    REFERENCES price_lists (id)
);

CREATE INDEX upload_history_supplier_id_idx ON upload_history (supplier_id);
CREATE INDEX upload_history_price_list_id_idx ON upload_history (price_list_id);
CREATE INDEX upload_history_status_idx ON upload_history (status);
CREATE INDEX upload_history_upload_date_idx ON upload_history (upload_date);
