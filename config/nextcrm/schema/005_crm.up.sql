-- CRM core tables.

CREATE TABLE "crm_Accounts" (
  "id"                   uuid         NOT NULL,
  "__v"                  integer      NOT NULL,
  "createdAt"            timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "createdBy"            uuid,
  "updatedAt"            timestamp(3),
  "updatedBy"            uuid,
  "annual_revenue"       text,
  "assigned_to"          uuid,
  "billing_city"         text,
  "billing_country"      text,
  "billing_postal_code"  text,
  "billing_state"        text,
  "billing_street"       text,
  "company_id"           text,
  "description"          text,
  "email"                text,
  "employees"            text,
  "fax"                  text,
  "industry"             uuid,
  "member_of"            text,
  "name"                 text         NOT NULL,
  "office_phone"         text,
  "shipping_city"        text,
  "shipping_country"     text,
  "shipping_postal_code" text,
  "shipping_state"       text,
  "shipping_street"      text,
  "status"               text         DEFAULT 'Inactive',
  "type"                 text         DEFAULT 'Customer',
  "vat"                  text,
  "website"              text,
  CONSTRAINT "crm_Accounts_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Accounts_industry_fkey" FOREIGN KEY ("industry")
    REFERENCES "crm_Industry_Type" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Accounts_assigned_to_fkey" FOREIGN KEY ("assigned_to")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Accounts_assigned_to_idx" ON "crm_Accounts" ("assigned_to");
CREATE INDEX "crm_Accounts_industry_idx" ON "crm_Accounts" ("industry");
CREATE INDEX "crm_Accounts_createdBy_idx" ON "crm_Accounts" ("createdBy");
CREATE INDEX "crm_Accounts_updatedBy_idx" ON "crm_Accounts" ("updatedBy");
CREATE INDEX "crm_Accounts_status_idx" ON "crm_Accounts" ("status");
CREATE INDEX "crm_Accounts_type_idx" ON "crm_Accounts" ("type");
CREATE INDEX "crm_Accounts_createdAt_idx" ON "crm_Accounts" ("createdAt");

CREATE TABLE "crm_Contacts" (
  "id"               uuid         NOT NULL,
  "__v"              integer      NOT NULL DEFAULT 0,
  "account"          uuid,
  "assigned_to"      uuid,
  "birthday"         text,
  "created_by"       uuid,
  "createdBy"        uuid,
  "created_on"       timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "cratedAt"         timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "last_activity"    timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"        timestamp(3),
  "updatedBy"        uuid,
  "last_activity_by" uuid,
  "description"      text,
  "email"            text,
  "personal_email"   text,
  "first_name"       text,
  "last_name"        text         NOT NULL,
  "office_phone"     text,
  "mobile_phone"     text,
  "website"          text,
  "position"         text,
  "status"           boolean      NOT NULL DEFAULT true,
  "social_twitter"   text,
  "social_facebook"  text,
  "social_linkedin"  text,
  "social_skype"     text,
  "social_instagram" text,
  "social_youtube"   text,
  "social_tiktok"    text,
  "type"             text         DEFAULT 'Customer',
  "tags"             text[],
  "notes"            text[],
  "accountsIDs"      uuid,
  CONSTRAINT "crm_Contacts_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Contacts_assigned_to_fkey" FOREIGN KEY ("assigned_to")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Contacts_created_by_fkey" FOREIGN KEY ("created_by")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Contacts_accountsIDs_fkey" FOREIGN KEY ("accountsIDs")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Contacts_assigned_to_idx" ON "crm_Contacts" ("assigned_to");
CREATE INDEX "crm_Contacts_created_by_idx" ON "crm_Contacts" ("created_by");
CREATE INDEX "crm_Contacts_accountsIDs_idx" ON "crm_Contacts" ("accountsIDs");
CREATE INDEX "crm_Contacts_createdBy_idx" ON "crm_Contacts" ("createdBy");
CREATE INDEX "crm_Contacts_updatedBy_idx" ON "crm_Contacts" ("updatedBy");
CREATE INDEX "crm_Contacts_status_idx" ON "crm_Contacts" ("status");
CREATE INDEX "crm_Contacts_type_idx" ON "crm_Contacts" ("type");
CREATE INDEX "crm_Contacts_cratedAt_idx" ON "crm_Contacts" ("cratedAt");
CREATE INDEX "crm_Contacts_last_activity_idx" ON "crm_Contacts" ("last_activity");

CREATE TABLE "crm_Leads" (
  "id"          uuid         NOT NULL,
  "__v"         integer      NOT NULL DEFAULT 0,
  "createdAt"   timestamp(3) DEFAULT CURRENT_TIMESTAMP,
  "createdBy"   uuid,
  "updatedAt"   timestamp(3),
  "updatedBy"   uuid,
  "firstName"   text,
  "lastName"    text         NOT NULL,
  "company"     text,
  "jobTitle"    text,
  "email"       text,
  "phone"       text,
  "description" text,
  "lead_source" text,
  "refered_by"  text,
  "campaign"    text,
  "status"      text         DEFAULT 'NEW',
  "type"        text         DEFAULT 'DEMO',
  "assigned_to" uuid,
  "accountsIDs" uuid,
  CONSTRAINT "crm_Leads_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Leads_assigned_to_fkey" FOREIGN KEY ("assigned_to")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Leads_accountsIDs_fkey" FOREIGN KEY ("accountsIDs")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Leads_assigned_to_idx" ON "crm_Leads" ("assigned_to");
CREATE INDEX "crm_Leads_accountsIDs_idx" ON "crm_Leads" ("accountsIDs");
CREATE INDEX "crm_Leads_createdBy_idx" ON "crm_Leads" ("createdBy");
CREATE INDEX "crm_Leads_updatedBy_idx" ON "crm_Leads" ("updatedBy");
CREATE INDEX "crm_Leads_status_idx" ON "crm_Leads" ("status");
CREATE INDEX "crm_Leads_type_idx" ON "crm_Leads" ("type");
CREATE INDEX "crm_Leads_createdAt_idx" ON "crm_Leads" ("createdAt");

CREATE TABLE "crm_Contracts" (
  "id"                  uuid                   NOT NULL,
  "__v"                 integer                NOT NULL,
  "title"               text                   NOT NULL,
  "value"               integer                NOT NULL,
  "startDate"           timestamp(3)           DEFAULT CURRENT_TIMESTAMP,
  "endDate"             timestamp(3),
  "renewalReminderDate" timestamp(3),
  "customerSignedDate"  timestamp(3),
  "companySignedDate"   timestamp(3),
  "description"         text,
  "account"             uuid,
  "assigned_to"         uuid,
  "createdAt"           timestamp(3)           DEFAULT CURRENT_TIMESTAMP,
  "createdBy"           uuid,
  "updatedAt"           timestamp(3),
  "updatedBy"           uuid,
  "status"              "crm_Contracts_Status" NOT NULL DEFAULT 'NOTSTARTED',
  "type"                text,
  CONSTRAINT "crm_Contracts_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "crm_Contracts_account_fkey" FOREIGN KEY ("account")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE SET NULL,
  CONSTRAINT "crm_Contracts_assigned_to_fkey" FOREIGN KEY ("assigned_to")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE INDEX "crm_Contracts_account_idx" ON "crm_Contracts" ("account");
CREATE INDEX "crm_Contracts_assigned_to_idx" ON "crm_Contracts" ("assigned_to");
CREATE INDEX "crm_Contracts_createdBy_idx" ON "crm_Contracts" ("createdBy");
CREATE INDEX "crm_Contracts_updatedBy_idx" ON "crm_Contracts" ("updatedBy");
CREATE INDEX "crm_Contracts_status_idx" ON "crm_Contracts" ("status");
CREATE INDEX "crm_Contracts_startDate_idx" ON "crm_Contracts" ("startDate");
CREATE INDEX "crm_Contracts_endDate_idx" ON "crm_Contracts" ("endDate");
CREATE INDEX "crm_Contracts_createdAt_idx" ON "crm_Contracts" ("createdAt");
CREATE INDEX "crm_Contracts_startDate_endDate_idx" ON "crm_Contracts" ("startDate", "endDate");
