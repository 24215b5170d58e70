DROP TABLE "crm_Contracts";
DROP TABLE "crm_Leads";
DROP TABLE "crm_Contacts";
DROP TABLE "crm_Accounts";
