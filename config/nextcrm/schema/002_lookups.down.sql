DROP TABLE "gpt_models";
DROP TABLE "systemServices";
DROP TABLE "modulStatus";
DROP TABLE "system_Modules_Enabled";
DROP TABLE "invoice_States";
DROP TABLE "Documents_Types";
DROP TABLE "crm_Industry_Type";
