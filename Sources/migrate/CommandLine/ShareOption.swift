import MigrationCore

/// Options whose value is a number, or `auto`.
enum CountOption {
  static let lanes = check(Settings.laneRange)

  static func check(
    _ range: ClosedRange<Int>
  ) -> @Sendable (String) throws(ValueFault) -> Void {
    { value throws(ValueFault) in
      let kind = SettingKind.count(range)
      guard (try? kind.parse(value)) != nil else { throw ValueFault(expected: kind.allowed) }
    }
  }
}

/// Options whose value is a share, such as `--accept-rejects 1%`.
enum ShareOption {
  static let check: @Sendable (String) throws(ValueFault) -> Void = { value throws(ValueFault) in
    guard ShareText.read(value) != nil else {
      throw ValueFault(expected: "0% to 100%, such as 1% or 2.5%")
    }
  }
}
