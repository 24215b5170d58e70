import MigrationCore

/// Options whose value is a share, such as `--accept-rejects 1%`.
enum ShareOption {
  static let check: @Sendable (String) throws(ValueFault) -> Void = { value throws(ValueFault) in
    guard ShareText.read(value) != nil else {
      throw ValueFault(expected: "0% to 100%, such as 1% or 2.5%")
    }
  }
}
