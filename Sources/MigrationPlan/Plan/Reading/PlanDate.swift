/// A date as plans write it.
package enum PlanDate {
  /// Returns whether a text begins with a date in the form yyyy-MM-dd, and has nothing but a time behind.
  package static func isDate(_ text: String) -> Bool {
    let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }),
      let month = Int(parts[1]), let day = Int(parts[2])
    else { return false }
    let rest = text.dropFirst(10)
    return (1...12).contains(month) && (1...31).contains(day)
      && (rest.isEmpty || rest.hasPrefix(" ") || rest.hasPrefix("T"))
  }
}
