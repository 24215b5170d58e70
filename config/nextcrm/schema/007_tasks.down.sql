DROP TABLE "crm_Accounts_Tasks";
DROP TABLE "Tasks";
DROP TABLE "Sections";
DROP TABLE "Boards";
