-- Junction tables.

CREATE TABLE "DocumentsToInvoices" (
  "document_id" uuid NOT NULL,
  "invoice_id"  uuid NOT NULL,
  CONSTRAINT "DocumentsToInvoices_pkey" PRIMARY KEY ("document_id", "invoice_id"),
  CONSTRAINT "DocumentsToInvoices_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToInvoices_invoice_id_fkey" FOREIGN KEY ("invoice_id")
    REFERENCES "Invoices" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToInvoices_document_id_idx" ON "DocumentsToInvoices" ("document_id");
CREATE INDEX "DocumentsToInvoices_invoice_id_idx" ON "DocumentsToInvoices" ("invoice_id");

CREATE TABLE "DocumentsToOpportunities" (
  "document_id"    uuid NOT NULL,
  "opportunity_id" uuid NOT NULL,
  CONSTRAINT "DocumentsToOpportunities_pkey" PRIMARY KEY ("document_id", "opportunity_id"),
  CONSTRAINT "DocumentsToOpportunities_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToOpportunities_opportunity_id_fkey" FOREIGN KEY ("opportunity_id")
    REFERENCES "crm_Opportunities" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToOpportunities_document_id_idx"
  ON "DocumentsToOpportunities" ("document_id");
CREATE INDEX "DocumentsToOpportunities_opportunity_id_idx"
  ON "DocumentsToOpportunities" ("opportunity_id");

CREATE TABLE "DocumentsToContacts" (
  "document_id" uuid NOT NULL,
  "contact_id"  uuid NOT NULL,
  CONSTRAINT "DocumentsToContacts_pkey" PRIMARY KEY ("document_id", "contact_id"),
  CONSTRAINT "DocumentsToContacts_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToContacts_contact_id_fkey" FOREIGN KEY ("contact_id")
    REFERENCES "crm_Contacts" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToContacts_document_id_idx" ON "DocumentsToContacts" ("document_id");
CREATE INDEX "DocumentsToContacts_contact_id_idx" ON "DocumentsToContacts" ("contact_id");

CREATE TABLE "DocumentsToTasks" (
  "document_id" uuid NOT NULL,
  "task_id"     uuid NOT NULL,
  CONSTRAINT "DocumentsToTasks_pkey" PRIMARY KEY ("document_id", "task_id"),
  CONSTRAINT "DocumentsToTasks_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToTasks_task_id_fkey" FOREIGN KEY ("task_id")
    REFERENCES "Tasks" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToTasks_document_id_idx" ON "DocumentsToTasks" ("document_id");
CREATE INDEX "DocumentsToTasks_task_id_idx" ON "DocumentsToTasks" ("task_id");

CREATE TABLE "DocumentsToCrmAccountsTasks" (
  "document_id"          uuid NOT NULL,
  "crm_accounts_task_id" uuid NOT NULL,
  CONSTRAINT "DocumentsToCrmAccountsTasks_pkey" PRIMARY KEY ("document_id", "crm_accounts_task_id"),
  CONSTRAINT "DocumentsToCrmAccountsTasks_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToCrmAccountsTasks_crm_accounts_task_id_fkey" FOREIGN KEY ("crm_accounts_task_id")
    REFERENCES "crm_Accounts_Tasks" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToCrmAccountsTasks_document_id_idx"
  ON "DocumentsToCrmAccountsTasks" ("document_id");
CREATE INDEX "DocumentsToCrmAccountsTasks_crm_accounts_task_id_idx"
  ON "DocumentsToCrmAccountsTasks" ("crm_accounts_task_id");

CREATE TABLE "DocumentsToLeads" (
  "document_id" uuid NOT NULL,
  "lead_id"     uuid NOT NULL,
  CONSTRAINT "DocumentsToLeads_pkey" PRIMARY KEY ("document_id", "lead_id"),
  CONSTRAINT "DocumentsToLeads_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToLeads_lead_id_fkey" FOREIGN KEY ("lead_id")
    REFERENCES "crm_Leads" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToLeads_document_id_idx" ON "DocumentsToLeads" ("document_id");
CREATE INDEX "DocumentsToLeads_lead_id_idx" ON "DocumentsToLeads" ("lead_id");

CREATE TABLE "DocumentsToAccounts" (
  "document_id" uuid NOT NULL,
  "account_id"  uuid NOT NULL,
  CONSTRAINT "DocumentsToAccounts_pkey" PRIMARY KEY ("document_id", "account_id"),
  CONSTRAINT "DocumentsToAccounts_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "Documents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "DocumentsToAccounts_account_id_fkey" FOREIGN KEY ("account_id")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "DocumentsToAccounts_document_id_idx" ON "DocumentsToAccounts" ("document_id");
CREATE INDEX "DocumentsToAccounts_account_id_idx" ON "DocumentsToAccounts" ("account_id");

CREATE TABLE "ContactsToOpportunities" (
  "contact_id"     uuid NOT NULL,
  "opportunity_id" uuid NOT NULL,
  CONSTRAINT "ContactsToOpportunities_pkey" PRIMARY KEY ("contact_id", "opportunity_id"),
  CONSTRAINT "ContactsToOpportunities_contact_id_fkey" FOREIGN KEY ("contact_id")
    REFERENCES "crm_Contacts" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "ContactsToOpportunities_opportunity_id_fkey" FOREIGN KEY ("opportunity_id")
    REFERENCES "crm_Opportunities" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "ContactsToOpportunities_contact_id_idx" ON "ContactsToOpportunities" ("contact_id");
CREATE INDEX "ContactsToOpportunities_opportunity_id_idx"
  ON "ContactsToOpportunities" ("opportunity_id");

CREATE TABLE "AccountWatchers" (
  "account_id" uuid NOT NULL,
  "user_id"    uuid NOT NULL,
  CONSTRAINT "AccountWatchers_pkey" PRIMARY KEY ("account_id", "user_id"),
  CONSTRAINT "AccountWatchers_account_id_fkey" FOREIGN KEY ("account_id")
    REFERENCES "crm_Accounts" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "AccountWatchers_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "AccountWatchers_account_id_idx" ON "AccountWatchers" ("account_id");
CREATE INDEX "AccountWatchers_user_id_idx" ON "AccountWatchers" ("user_id");

CREATE TABLE "BoardWatchers" (
  "board_id" uuid NOT NULL,
  "user_id"  uuid NOT NULL,
  CONSTRAINT "BoardWatchers_pkey" PRIMARY KEY ("board_id", "user_id"),
  CONSTRAINT "BoardWatchers_board_id_fkey" FOREIGN KEY ("board_id")
    REFERENCES "Boards" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT "BoardWatchers_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "Users" ("id") ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX "BoardWatchers_board_id_idx" ON "BoardWatchers" ("board_id");
CREATE INDEX "BoardWatchers_user_id_idx" ON "BoardWatchers" ("user_id");
