/// What was found under one path of a source: a field of documents, or a column of rows.
package struct FieldProfile: Sendable, Hashable {
  /// Something about values that a migration may stumble over.
  package enum Oddity: String, Sendable, CaseIterable {
    case nulByte
    case badUTF8
    /// A date before the year -4713 or after 294276, which PostgreSQL can't hold.
    case dateOutOfRange
    /// A number with decimal places.
    case fraction
    /// A whole number that a 32-bit integer can't hold.
    case beyondInteger
    /// A whole number that a 64-bit integer can't hold.
    case beyondBigint
    /// NaN or an infinity.
    case notFinite
    case emptyText
    /// Blanks before or behind a text.
    case outerBlanks
    /// An id of a row that the source does not have.
    case danglingID
  }

  /// How often something was found, and in which rows for example.
  package struct Finding: Sendable, Hashable {
    package var count = 0
    package var examples: [String] = []
  }

  package struct TypeCount: Sendable, Hashable {
    package let type: String
    package let count: Int
  }

  /// A step from the outside in.
  package enum Step: Sendable, Hashable {
    case name(String)
    /// The elements of an array.
    case elements
  }

  /// The way to the field.
  package let steps: [Step]
  /// The names from the outside in, with dots between them; `[]` represents the elements of an array.
  package var path: String {
    steps.reduce("") { path, step in
      switch step {
      case .name(let name): path.isEmpty ? name : path + "." + name
      case .elements: path + "[]"
      }
    }
  }
  /// How many documents could have had the field: all, or those that the field would be in.
  package let holders: Int
  /// How often it was there, null included.
  package let present: Int
  package let nulls: Int
  /// The types of values, the most frequent one first; null is not among them.
  package let types: [TypeCount]
  /// The most characters of a text, the most bytes of a binary, or the most elements of an array.
  package let longest: Int?
  package let smallest: String?
  package let largest: String?
  package let oddities: [Oddity: Finding]

  package init(
    _ steps: [Step], holders: Int, present: Int, nulls: Int, types: [TypeCount],
    longest: Int? = nil,
    smallest: String? = nil, largest: String? = nil, oddities: [Oddity: Finding] = [:]
  ) {
    (self.steps, self.holders, self.present, self.nulls) = (steps, holders, present, nulls)
    (self.types, self.longest, self.oddities) = (types, longest, oddities)
    (self.smallest, self.largest) = (smallest, largest)
  }

  package var missing: Int { max(0, holders - present) }
  /// How often there was a value.
  package var values: Int { present - nulls }
}

/// What was found in one collection or table of the source.
package struct SourceProfile: Sendable {
  /// The collection or table.
  package let name: String
  /// How many documents or rows there are; an estimate if not all were checked.
  package let total: Int
  /// How many were checked.
  package let examined: Int
  package let fields: [FieldProfile]
  /// What the profile could not look into, in a sentence each.
  package let notes: [String]

  package init(
    name: String, total: Int, examined: Int, fields: [FieldProfile], notes: [String] = []
  ) {
    (self.name, self.total, self.examined) = (name, total, examined)
    (self.fields, self.notes) = (fields, notes)
  }

  package var isSample: Bool { examined < total }

  /// A field by its path.
  package subscript(path: String) -> FieldProfile? { fields.first { $0.path == path } }
}
