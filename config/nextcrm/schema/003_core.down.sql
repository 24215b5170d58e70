DROP TABLE "TodoList";
DROP TABLE "ImageUpload";
DROP TABLE "Employees";
DROP TABLE "MyAccount";
DROP TABLE "Users";
