-- CRM opportunities.

CREATE TABLE "crm_Opportunities" (
  "id"               uuid                     NOT NULL,
  "__v"              integer                  NOT NULL DEFAULT 0,
  "account"          uuid,
  "assigned_to"      uuid,
  "budget"           integer                  NOT NULL DEFAULT 0,
  "campaign"         uuid,
  "close_date"       timestamp(3),
  "contact"          uuid,
  "created_by"       uuid,
  "createdBy"        uuid,
  "created_on"       timestamp(3)             DEFAULT CURRENT_TIMESTAMP,
  "createdAt"        timestamp(3)             NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_activity"    timestamp(3),
  "updatedAt"        timestamp(3),
  "updatedBy"        uuid,
  "last_activity_by" uuid,
  "currency"         text,
  "description"      text,
  "expected_revenue" integer                  NOT NULL DEFAULT 0,
  "name"             text,
  "next_step"        text,
  "sales_stage"      uuid,
  "type"             uuid,
  "status"           "crm_Opportunity_Status" DEFAULT 'ACTIVE',
  CONSTRAINT "crm_Opportunities_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Opportunities_type_fkey" FOREIGN KEY ("type")
    REFERENCES "crm_Opportunities_Type" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Opportunities_sales_stage_fkey" FOREIGN KEY ("sales_stage")
    REFERENCES "crm_Opportunities_Sales_Stages" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Opportunities_assigned_to_fkey" FOREIGN KEY ("assigned_to")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Opportunities_created_by_fkey" FOREIGN KEY ("created_by")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Opportunities_account_fkey" FOREIGN KEY ("account")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Opportunities_campaign_fkey" FOREIGN KEY ("campaign")
    REFERENCES "crm_campaigns" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Opportunities_account_idx" ON "crm_Opportunities" ("account");
CREATE INDEX "crm_Opportunities_assigned_to_idx" ON "crm_Opportunities" ("assigned_to");
CREATE INDEX "crm_Opportunities_campaign_idx" ON "crm_Opportunities" ("campaign");
CREATE INDEX "crm_Opportunities_contact_idx" ON "crm_Opportunities" ("contact");
CREATE INDEX "crm_Opportunities_created_by_idx" ON "crm_Opportunities" ("created_by");
CREATE INDEX "crm_Opportunities_sales_stage_idx" ON "crm_Opportunities" ("sales_stage");
CREATE INDEX "crm_Opportunities_type_idx" ON "crm_Opportunities" ("type");
CREATE INDEX "crm_Opportunities_status_idx" ON "crm_Opportunities" ("status");
CREATE INDEX "crm_Opportunities_createdAt_idx" ON "crm_Opportunities" ("createdAt");
CREATE INDEX "crm_Opportunities_close_date_idx" ON "crm_Opportunities" ("close_date");
CREATE INDEX "crm_Opportunities_status_sales_stage_idx"
  ON "crm_Opportunities" ("status", "sales_stage");
