DROP TABLE "crm_Opportunities_Type";
DROP TABLE "crm_Opportunities_Sales_Stages";
DROP TABLE "crm_campaigns";
