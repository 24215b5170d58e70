/// Boards and tasks.
extension CRMCollections {
  private static let states = ["ACTIVE", "PENDING", "COMPLETE"]

  static let work: [CRMCollection] = [
    CRMCollection(
      "Boards",
      [
        Fields.version, Fields.required(.words(.phrase), "title"),
        Fields.required(.words(.sentence), "description"),
        Fields.optional(.bool, "favourite"),
        Fields.optional(.int(below: 50), "favouritePosition", "position"),
        Fields.optional(.oneOf(["star", "rocket", "📌"]), "icon"),
        Fields.required(.reference("Users"), "user"),
        Fields.optional(.oneOf(["public", "private"]), "visibility"),
        Fields.optional(.ids("Users"), "sharedWith"),
        Fields.optional(.moment, "createdAt", "updatedAt"),
        Fields.optional(.id("Users"), "createdBy", "updatedBy"),
        Fields.first("BoardWatchers", "watchers"),
      ], size: { max(10, $0 / 50) }),
    CRMCollection(
      "Sections",
      [
        Fields.version, Fields.required(.words(.phrase), "title"),
        Fields.required(.reference("Boards"), "board"),
        Fields.optional(.int(below: 20), "position"),
      ], size: { max(20, $0 / 20) }),
    CRMCollection(
      "Tasks",
      [
        Fields.version, Fields.required(.words(.phrase), "title"),
        Fields.optional(.words(.sentence), "content"),
        Fields.optional(.moment, "createdAt", "updatedAt", "dueDateAt", "lastEditedAt"),
        Fields.optional(.id("Users"), "createdBy", "updatedBy"),
        Fields.required(.int(below: 100), "position"),
        Fields.required(.oneOf(["low", "normal", "high"]), "priority"),
        Fields.optional(.reference("Sections"), "section"),
        Fields.optional(.anything, "tags"), Fields.optional(.int(below: 30), "likes"),
        Fields.optional(.reference("Users"), "user"),
        Fields.second("DocumentsToTasks", "documentIDs"),
        Fields.optional(.label(states), "taskStatus"),
      ], size: { max(20, $0 / 2) }),
    CRMCollection(
      "crm_Accounts_Tasks",
      [
        Fields.version, Fields.required(.words(.phrase), "title"),
        Fields.optional(.words(.sentence), "content"),
        Fields.optional(.moment, "createdAt", "updatedAt", "dueDateAt"),
        Fields.optional(.id("Users"), "createdBy", "updatedBy"),
        Fields.required(.oneOf(["low", "normal", "high"]), "priority"),
        Fields.optional(.anything, "tags"), Fields.optional(.int(below: 30), "likes"),
        Fields.optional(.reference("Users"), "user"),
        Fields.optional(.reference("crm_Accounts"), "account"),
        Fields.optional(.label(states), "taskStatus"),
      ], size: { max(20, $0 / 4) }),
    CRMCollection(
      "tasksComments",
      [
        Fields.version, Fields.required(.words(.sentence), "comment"),
        Fields.always(.moment, "createdAt"),
        Fields.required(.reference("Tasks"), "task"),
        Fields.required(.reference("Users"), "user"),
        Fields.optional(.reference("crm_Accounts_Tasks"), "assigned_crm_account_task"),
      ], size: { max(20, $0 / 2) }),
  ]
}
