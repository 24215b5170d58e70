/// The collections, those that others refer to first.
enum CRMCollections {
  static let all = lookups + people + companies + work + papers

  static func index(_ name: String) -> Int { indexes[name] ?? 0 }

  private static let indexes = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($0.element.name, $0.offset) })

  static let lookups: [CRMCollection] = [
    CRMCollection(
      "crm_Industry_Type", [Fields.version, Fields.required(.words(.trade), "name")],
      size: { _ in 20 }),
    CRMCollection(
      "Documents_Types", [Fields.version, Fields.required(.words(.phrase), "name")],
      size: { _ in 10 }),
    CRMCollection(
      "invoice_States", [Fields.required(.words(.phrase), "name")], size: { _ in 8 }),
    CRMCollection(
      "system_Modules_Enabled",
      [
        Fields.version, Fields.required(.words(.phrase), "name"),
        Fields.required(.bool, "enabled"), Fields.required(.int(below: 20), "position"),
      ], size: { _ in 12 }),
    CRMCollection(
      "modulStatus",
      [Fields.required(.words(.phrase), "name"), Fields.required(.bool, "isVisible")],
      size: { _ in 5 }),
    CRMCollection(
      "systemServices",
      [
        Fields.version, Fields.required(.words(.phrase), "name"),
        Fields.optional(.words(.url), "serviceUrl"),
        Fields.optional(.words(.key), "serviceId", "serviceKey", "servicePassword"),
        Fields.optional(.oneOf(["443", "5432", "8080"]), "servicePort"),
        Fields.optional(.words(.sentence), "description"),
      ], size: { _ in 4 }),
    CRMCollection(
      "gpt_models",
      [
        Fields.version, Fields.required(.words(.phrase), "model"),
        Fields.optional(.words(.sentence), "description"),
        Fields.optional(.label(["ACTIVE", "INACTIVE"]), "status"),
        Fields.optional(.moment, "created_on"),
      ], size: { _ in 4 }),
    CRMCollection(
      "crm_campaigns",
      [
        Fields.version, Fields.required(.words(.phrase), "name"),
        Fields.optional(.words(.sentence), "description"),
        Fields.optional(.oneOf(["planned", "running", "over"]), "status"),
      ], size: { max(10, $0 / 1000) }),
    CRMCollection(
      "crm_Opportunities_Sales_Stages",
      [
        Fields.version, Fields.required(.words(.phrase), "name"),
        Fields.optional(.int(below: 101), "probability"),
        Fields.optional(.int(below: 10), "order"),
      ], size: { _ in 8 }),
    CRMCollection(
      "crm_Opportunities_Type",
      [
        Fields.version, Fields.required(.words(.phrase), "name"),
        Fields.optional(.int(below: 10), "order"),
      ], size: { _ in 6 }),
  ]

  static let people: [CRMCollection] = [
    CRMCollection(
      "Users",
      [
        Fields.version, Fields.required(.words(.ownEmail), "email"),
        Fields.optional(.words(.person), "account_name", "name"),
        Fields.optional(.words(.url), "avatar"),
        Fields.optional(.bool, "is_account_admin", "is_admin"),
        Fields.always(.moment, "created_on"), Fields.optional(.moment, "lastLoginAt"),
        Fields.optional(.words(.key), "password", "username"),
        Fields.optional(.label(["ACTIVE", "INACTIVE", "PENDING"]), "userStatus"),
        Fields.optional(.label(["cz", "en", "de", "uk"]), "userLanguage"),
        Fields.second("BoardWatchers", "watching_boardsIDs"),
        Fields.second("AccountWatchers", "watching_accountsIDs"),
      ], size: { max(20, $0 / 100) }),
    CRMCollection(
      "MyAccount",
      [
        Fields.version, Fields.required(.words(.company), "company_name"),
        Fields.optional(.bool, "is_person"),
        Fields.optional(.words(.email), "email", "email_accountant"),
        Fields.optional(
          .oneOf(["+420", "+49", "+1"]), "phone_prefix", "mobile_prefix", "fax_prefix"),
        Fields.optional(.words(.phone), "phone", "mobile", "fax"),
        Fields.optional(.words(.url), "website"),
        Fields.optional(.words(.street), "street", "billing_street"),
        Fields.optional(.words(.city), "city", "billing_city"),
        Fields.optional(.words(.state), "state", "billing_state"),
        Fields.optional(.words(.zip), "zip", "billing_zip"),
        Fields.optional(
          .words(.country), "country", "billing_country", "country_code", "billing_country_code"),
        Fields.optional(.words(.currency), "currency"),
        Fields.optional(.oneOf(["$", "€", "Kč"]), "currency_symbol"),
        Fields.required(.words(.key), "VAT_number"),
        Fields.optional(
          .words(.key), "TAX_number", "bank_account", "bank_code", "bank_IBAN", "bank_SWIFT"),
        Fields.optional(.words(.company), "bank_name"),
      ], size: { _ in 3 }),
    CRMCollection(
      "Employees",
      [
        Fields.version, Fields.required(.words(.url), "avatar"),
        Fields.optional(.words(.email), "email"),
        Fields.required(.words(.person), "name"),
        Fields.required(.int(below: 200_000), "salary"),
        Fields.required(.oneOf(["active", "on leave", "left"]), "status"),
      ], size: { max(20, $0 / 200) }),
    CRMCollection("ImageUpload", [], size: { max(20, $0 / 20) }),
    CRMCollection(
      "TodoList",
      [
        Fields.required(.words(.day), "createdAt"),
        Fields.required(.words(.sentence), "description"),
        Fields.required(.words(.phrase), "title"), Fields.required(.words(.url), "url"),
        Fields.required(.words(.person), "user"),
      ], size: { max(20, $0 / 20) }),
    CRMCollection(
      "openAi_keys",
      [
        Fields.version, Fields.required(.reference("Users"), "user"),
        Fields.required(.words(.key), "organization_id", "api_key"),
      ], size: { max(5, $0 / 500) }),
    CRMCollection(
      "secondBrain_notions",
      [
        Fields.version, Fields.required(.reference("Users"), "user"),
        Fields.required(.words(.key), "notion_api_key", "notion_db_id"),
      ], size: { max(5, $0 / 500) }),
  ]
}
