-- Documents and invoices.

CREATE TABLE "Documents" (
  "id"                     uuid                 NOT NULL,
  "__v"                    integer,
  "date_created"           timestamp(3)         DEFAULT CURRENT_TIMESTAMP,
  "createdAt"              timestamp(3)         DEFAULT CURRENT_TIMESTAMP,
  "last_updated"           timestamp(3),
  "updatedAt"              timestamp(3),
  "document_name"          text                 NOT NULL,
  "created_by_user"        uuid,
  "createdBy"              uuid,
  "description"            text,
  "document_type"          uuid,
  "favourite"              boolean,
  "document_file_mimeType" text                 NOT NULL,
  "document_file_url"      text                 NOT NULL,
  "status"                 text,
  "visibility"             text,
  "tags"                   jsonb,
  "key"                    text,
  "size"                   integer,
  "assigned_user"          uuid,
  "connected_documents"    text[],
  "document_system_type"   "DocumentSystemType" DEFAULT 'OTHER',
  CONSTRAINT "Documents_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Documents_created_by_user_fkey" FOREIGN KEY ("created_by_user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "Documents_assigned_user_fkey" FOREIGN KEY ("assigned_user")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "Documents_document_type_fkey" FOREIGN KEY ("document_type")
    REFERENCES "Documents_Types" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "Documents_created_by_user_idx" ON "Documents" ("created_by_user");
CREATE INDEX "Documents_assigned_user_idx" ON "Documents" ("assigned_user");
CREATE INDEX "Documents_document_type_idx" ON "Documents" ("document_type");
CREATE INDEX "Documents_createdBy_idx" ON "Documents" ("createdBy");
CREATE INDEX "Documents_status_idx" ON "Documents" ("status");
CREATE INDEX "Documents_visibility_idx" ON "Documents" ("visibility");
CREATE INDEX "Documents_favourite_idx" ON "Documents" ("favourite");
CREATE INDEX "Documents_createdAt_idx" ON "Documents" ("createdAt");
CREATE INDEX "Documents_document_system_type_idx" ON "Documents" ("document_system_type");

CREATE TABLE "Invoices" (
  "id"                            uuid         NOT NULL,
  "__v"                           integer,
  "date_created"                  timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_updated"                  timestamp(3) NOT NULL,
  "last_updated_by"               uuid,
  "date_received"                 timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "date_of_case"                  timestamp(3),
  "date_tax"                      timestamp(3),
  "date_due"                      timestamp(3),
  "description"                   text,
  "document_type"                 text,
  "favorite"                      boolean      DEFAULT false,
  "variable_symbol"               text,
  "constant_symbol"               text,
  "specific_symbol"               text,
  "order_number"                  text,
  "internal_number"               text,
  "invoice_number"                text,
  "invoice_amount"                text,
  "invoice_file_mimeType"         text         NOT NULL,
  "invoice_file_url"              text         NOT NULL,
  "invoice_items"                 jsonb,
  "invoice_type"                  text,
  "invoice_currency"              text,
  "invoice_language"              text,
  "partner"                       text,
  "partner_street"                text,
  "partner_city"                  text,
  "partner_zip"                   text,
  "partner_country"               text,
  "partner_country_code"          text,
  "partner_business_street"       text,
  "partner_business_city"         text,
  "partner_business_zip"          text,
  "partner_business_country"      text,
  "partner_business_country_code" text,
  "partner_VAT_number"            text,
  "partner_TAX_number"            text,
  "partner_TAX_local_number"      text,
  "partner_phone_prefix"          text,
  "partner_phone_number"          text,
  "partner_fax_prefix"            text,
  "partner_fax_number"            text,
  "partner_email"                 text,
  "partner_website"               text,
  "partner_is_person"             boolean,
  "partner_bank"                  text,
  "partner_account_number"        text,
  "partner_account_bank_number"   text,
  "partner_IBAN"                  text,
  "partner_SWIFT"                 text,
  "partner_BIC"                   text,
  "rossum_status"                 text,
  "rossum_annotation_id"          text,
  "rossum_annotation_url"         text,
  "rossum_document_id"            text,
  "rossum_document_url"           text,
  "rossum_annotation_json_url"    text,
  "rossum_annotation_xml_url"     text,
  "money_s3_url"                  text,
  "status"                        text,
  "invoice_state_id"              uuid,
  "assigned_user_id"              uuid,
  "assigned_account_id"           uuid,
  "visibility"                    boolean      NOT NULL DEFAULT true,
  CONSTRAINT "Invoices_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Invoices_invoice_state_id_fkey" FOREIGN KEY ("invoice_state_id")
    REFERENCES "invoice_States" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "Invoices_assigned_user_id_fkey" FOREIGN KEY ("assigned_user_id")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "Invoices_assigned_account_id_fkey" FOREIGN KEY ("assigned_account_id")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "Invoices_invoice_state_id_idx" ON "Invoices" ("invoice_state_id");
CREATE INDEX "Invoices_assigned_user_id_idx" ON "Invoices" ("assigned_user_id");
CREATE INDEX "Invoices_assigned_account_id_idx" ON "Invoices" ("assigned_account_id");
CREATE INDEX "Invoices_last_updated_by_idx" ON "Invoices" ("last_updated_by");
CREATE INDEX "Invoices_status_idx" ON "Invoices" ("status");
CREATE INDEX "Invoices_invoice_type_idx" ON "Invoices" ("invoice_type");
CREATE INDEX "Invoices_date_created_idx" ON "Invoices" ("date_created");
CREATE INDEX "Invoices_date_due_idx" ON "Invoices" ("date_due");
CREATE INDEX "Invoices_favorite_idx" ON "Invoices" ("favorite");
CREATE INDEX "Invoices_status_date_created_idx" ON "Invoices" ("status", "date_created");
