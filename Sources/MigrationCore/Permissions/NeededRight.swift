/// A right that a migration needs of a role, and whether the role has it.
public struct NeededRight: Sendable, Hashable {
  public enum Side: String, Sendable, CaseIterable { case source, target }

  public let side: Side
  /// What the right is on, such as `table public.customers`.
  public let object: String
  /// What it allows, such as `INSERT`; `OWNER` for what only owners may do.
  public let privilege: String
  public let purpose: String
  public let need: Need
  public let isGranted: Bool
  /// The statement that gives it.
  public let grant: String
  /// The role whose members have it, where it can't be given in another way.
  public let owner: String?

  /// What can't be done without a right.
  public enum Need: String, Sendable, CaseIterable {
    case migration
    /// A run does without it, and a rollback does not.
    case rollback
    /// Indexes and foreign keys are dropped for a load, or tables emptied at once.
    case speed
  }

  /// Whether a migration or its rollback can't do without it.
  public var isRequired: Bool { need != .speed }
}

/// A right, before anybody was asked whether it is there.
struct RightQuestion {
  let object: String
  let privilege: String
  let purpose: String
  var need = NeededRight.Need.migration
  /// SQL that is true where the role `$1` has it.
  let probe: String
  /// Everything of the statement that gives it but the role.
  let grant: String
  var owner: String? = nil
}
