/// A right that a migration needs of a role, and whether the role has it.
public struct NeededRight: Sendable, Hashable {
  public enum Side: String, Sendable, CaseIterable { case source, target }

  public let side: Side
  /// What the right is on, such as `table public.customers`.
  public let object: String
  /// What it allows, such as `INSERT`; `OWNER` for what only owners may do.
  public let privilege: String
  public let purpose: String
  /// Whether a migration can't do without it.
  public let isRequired: Bool
  public let isGranted: Bool
  /// The statement that gives it.
  public let grant: String
  /// The role whose members have it, where it can't be given in another way.
  public let owner: String?
}

/// A right, before anybody was asked whether it is there.
struct RightQuestion {
  let object: String
  let privilege: String
  let purpose: String
  var isRequired = true
  /// SQL that is true where the role `$1` has it.
  let probe: String
  /// Everything of the statement that gives it but the role.
  let grant: String
  var owner: String? = nil
}
