-- Suppliers: who delivers. Vendors are suppliers whose supplier_type says so.

CREATE TABLE suppliers (
  id                 uuid          NOT NULL DEFAULT gen_random_uuid(),
  supplier_code      varchar(50)   NOT NULL,
  supplier_type      varchar(50)   DEFAULT 'supplier',
  is_approved        boolean       DEFAULT false,
  approved_at        timestamp,
  approved_by        uuid,
  vendor_metadata    jsonb         DEFAULT '{}',
  company_name       varchar(255)  NOT NULL,
  email              varchar(255)  NOT NULL,
  phone              varchar(50),
  website            varchar(255),
  address            jsonb         DEFAULT '{}',
  contact_details    jsonb         DEFAULT '{}',
  payment_terms      jsonb         DEFAULT '{}',
  credit_limit       decimal(12,2),
  tax_id             varchar(50),
  industry           varchar(100),
  performance_rating decimal(3,2)  DEFAULT 0,
  lead_time_days     integer       DEFAULT 0,
  is_active          boolean       DEFAULT true,
  created_at         timestamp     NOT NULL DEFAULT now(),
  updated_at         timestamp     NOT NULL DEFAULT now(),
  CONSTRAINT suppliers_pkey PRIMARY KEY (id),
  CONSTRAINT suppliers_supplier_code_key UNIQUE (supplier_code)
);

CREATE INDEX suppliers_company_name_idx ON suppliers (company_name);
CREATE INDEX suppliers_email_idx ON suppliers (lower(email));
CREATE INDEX suppliers_supplier_type_idx ON suppliers (supplier_type);
CREATE INDEX suppliers_active_idx ON suppliers (company_name) WHERE is_active;
