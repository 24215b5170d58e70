-- Customers: who buys. The address and what only the legacy system knew are kept as documents.

CREATE TABLE customers (
  id               uuid         NOT NULL DEFAULT gen_random_uuid(),
  customer_code    varchar(50)  NOT NULL,
  company_name     varchar(255) NOT NULL,
  email            varchar(255) NOT NULL,
  phone            varchar(50),
  address          jsonb        DEFAULT '{}',
  metadata         jsonb        DEFAULT '{}',
  purchase_history jsonb        DEFAULT '[]',
  created_at       timestamp    NOT NULL DEFAULT now(),
  updated_at       timestamp    NOT NULL DEFAULT now(),
  CONSTRAINT customers_pkey PRIMARY KEY (id),
  CONSTRAINT customers_customer_code_key UNIQUE (customer_code)
);

CREATE INDEX customers_company_name_idx ON customers (company_name);
CREATE INDEX customers_email_idx ON customers (lower(email));
