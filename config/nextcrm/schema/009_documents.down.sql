DROP TABLE "Invoices";
DROP TABLE "Documents";
