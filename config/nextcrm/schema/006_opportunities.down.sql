DROP TABLE "crm_Opportunities";
