-- Core entity tables.

CREATE TABLE "Users" (
  "id"               uuid           NOT NULL,
  "__v"              integer        NOT NULL DEFAULT 0,
  "account_name"     text,
  "avatar"           text,
  "email"            text           NOT NULL,
  "is_account_admin" boolean        NOT NULL DEFAULT false,
  "is_admin"         boolean        NOT NULL DEFAULT false,
  "created_on"       timestamp(3)   NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "lastLoginAt"      timestamp(3),
  "name"             text,
  "password"         text,
  "username"         text,
  "userStatus"       "ActiveStatus" NOT NULL DEFAULT 'PENDING',
  "userLanguage"     "Language"     NOT NULL DEFAULT 'en',
  CONSTRAINT "Users_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "Users_email_key" ON "Users" ("email");
CREATE INDEX "Users_email_idx" ON "Users" ("email");
CREATE INDEX "Users_userStatus_idx" ON "Users" ("userStatus");
CREATE INDEX "Users_userLanguage_idx" ON "Users" ("userLanguage");
CREATE INDEX "Users_is_admin_idx" ON "Users" ("is_admin");
CREATE INDEX "Users_is_account_admin_idx" ON "Users" ("is_account_admin");
CREATE INDEX "Users_created_on_idx" ON "Users" ("created_on");
CREATE INDEX "Users_lastLoginAt_idx" ON "Users" ("lastLoginAt");

CREATE TABLE "MyAccount" (
  "id"                   uuid    NOT NULL,
  "__v"                  integer NOT NULL,
  "company_name"         text    NOT NULL,
  "is_person"            boolean NOT NULL DEFAULT false,
  "email"                text,
  "email_accountant"     text,
  "phone_prefix"         text,
  "phone"                text,
  "mobile_prefix"        text,
  "mobile"               text,
  "fax_prefix"           text,
  "fax"                  text,
  "website"              text,
  "street"               text,
  "city"                 text,
  "state"                text,
  "zip"                  text,
  "country"              text,
  "country_code"         text,
  "billing_street"       text,
  "billing_city"         text,
  "billing_state"        text,
  "billing_zip"          text,
  "billing_country"      text,
  "billing_country_code" text,
  "currency"             text,
  "currency_symbol"      text,
  "VAT_number"           text    NOT NULL,
  "TAX_number"           text,
  "bank_name"            text,
  "bank_account"         text,
  "bank_code"            text,
  "bank_IBAN"            text,
  "bank_SWIFT"           text,
  CONSTRAINT "MyAccount_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Employees" (
  "id"     uuid    NOT NULL,
  "__v"    integer NOT NULL,
  "avatar" text    NOT NULL,
  "email"  text,
  "name"   text    NOT NULL,
  "salary" integer NOT NULL,
  "status" text    NOT NULL,
  CONSTRAINT "Employees_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ImageUpload" (
  "id" uuid NOT NULL,
  CONSTRAINT "ImageUpload_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "TodoList" (
  "id"          uuid NOT NULL,
  "createdAt"   text NOT NULL,
  "description" text NOT NULL,
  "title"       text NOT NULL,
  "url"         text NOT NULL,
  "user"        text NOT NULL,
  CONSTRAINT "TodoList_pkey" PRIMARY KEY ("id")
);
