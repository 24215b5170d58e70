/// A field of a collection, as sample data fills it.
package struct CRMField: Sendable {
  package enum Kind: Sendable {
    /// The counter that Mongoose keeps.
    case version
    case words(CRMWords)
    case oneOf([String])
    /// A label of an enum of the target.
    case label([String])
    case int(below: Int)
    case bool
    case moment
    /// An id that is carried over without a check of what it leads to.
    case id(String)
    case reference(String)
    case texts
    case ids(String)
    /// A document or an array.
    case anything
    /// The pairs of a relation, as the first or the second side knows them.
    case pairs(relation: Int, isFirst: Bool)
  }

  /// Whether every document has the field, and what the target makes of one that has not.
  enum Presence: Sendable {
    case always
    /// A document without it is quarantined.
    case required
    case optional
  }

  package let name: String
  package let kind: Kind
  let presence: Presence
}

/// A collection that sample data fills.
package struct CRMCollection: Sendable {
  package let name: String
  /// How many documents there are for a number of contacts.
  package let size: @Sendable (Int) -> Int
  package let fields: [CRMField]

  init(_ name: String, _ fields: [[CRMField]], size: @escaping @Sendable (Int) -> Int) {
    (self.name, self.fields, self.size) = (name, fields.flatMap { $0 }, size)
  }
}

/// Ways to write lists of fields.
enum Fields {
  private static func fields(
    _ kind: CRMField.Kind, _ presence: CRMField.Presence, _ names: [String]
  ) -> [CRMField] {
    names.map { CRMField(name: $0, kind: kind, presence: presence) }
  }

  static let version = fields(.version, .optional, ["__v"])

  static func always(_ kind: CRMField.Kind, _ names: String...) -> [CRMField] {
    fields(kind, .always, names)
  }

  static func required(_ kind: CRMField.Kind, _ names: String...) -> [CRMField] {
    fields(kind, .required, names)
  }

  static func optional(_ kind: CRMField.Kind, _ names: String...) -> [CRMField] {
    fields(kind, .optional, names)
  }

  /// The array of a relation's first side.
  static func first(_ relation: String, _ name: String) -> [CRMField] {
    pairs(relation, name, isFirst: true)
  }

  /// The array of a relation's second side.
  static func second(_ relation: String, _ name: String) -> [CRMField] {
    pairs(relation, name, isFirst: false)
  }

  private static func pairs(_ relation: String, _ name: String, isFirst: Bool) -> [CRMField] {
    let number = CRMRelation.all.firstIndex { $0.table == relation } ?? 0
    return fields(.pairs(relation: number, isFirst: isFirst), .optional, [name])
  }
}

/// A relation that is stored as arrays of ids on both of its sides, or on the first alone.
struct CRMRelation: Sendable {
  /// The junction table.
  let table: String
  let first: String
  let second: String
  let hasTwoSides: Bool

  static let all: [CRMRelation] = [
    relation("DocumentsToInvoices", "Documents", "Invoices"),
    relation("DocumentsToOpportunities", "Documents", "crm_Opportunities"),
    relation("DocumentsToContacts", "Documents", "crm_Contacts"),
    relation("DocumentsToTasks", "Documents", "Tasks"),
    CRMRelation(
      table: "DocumentsToCrmAccountsTasks", first: "Documents", second: "crm_Accounts_Tasks",
      hasTwoSides: false),
    relation("DocumentsToLeads", "Documents", "crm_Leads"),
    relation("DocumentsToAccounts", "Documents", "crm_Accounts"),
    relation("ContactsToOpportunities", "crm_Contacts", "crm_Opportunities"),
    relation("AccountWatchers", "crm_Accounts", "Users"),
    relation("BoardWatchers", "Boards", "Users"),
  ]

  private static func relation(_ table: String, _ first: String, _ second: String) -> CRMRelation {
    CRMRelation(table: table, first: first, second: second, hasTwoSides: true)
  }
}
