/// A right that a migration needs of a role, and whether the role has it.
package struct NeededRight: Sendable, Hashable {
  package enum Side: String, Sendable, CaseIterable { case source, target }

  package let side: Side
  /// What the right is on, such as `table public.customers`.
  package let object: String
  /// What it allows, such as `INSERT`; `OWNER` for what only owners may do.
  package let privilege: String
  package let purpose: String
  package let need: Need
  package let isGranted: Bool
  /// The statement that gives it.
  package let grant: String
  /// The role whose members have it, if it can't be given in another way.
  package let owner: String?

  /// What can't be done without a right.
  package enum Need: String, Sendable, CaseIterable {
    case migration
    /// A run does without it, and a rollback does not.
    case rollback
    /// Indexes and foreign keys are dropped for a load, or tables emptied at once.
    case speed
  }

  /// Whether a migration or its rollback can't do without it.
  package var isRequired: Bool { need != .speed }
}

/// A right, before anybody was asked whether it is there.
package struct RightQuestion {
  package let object: String
  package let privilege: String
  package let purpose: String
  package var need = NeededRight.Need.migration
  /// SQL that is true if the role `$1` has it.
  let probe: String
  /// Everything of the statement that gives it but the role.
  package let grant: String
  package var owner: String? = nil
}
