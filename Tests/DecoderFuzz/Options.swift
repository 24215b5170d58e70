import Glibc

/// What the command line asks for.
struct Options {
  var count = 1_000_000
  var seed: UInt64 = 1
  var seconds: Int?

  /// Reads the arguments; nil if they make no sense.
  init?(_ arguments: some Collection<String>) {
    var rest = Array(arguments)[...]
    while let name = rest.popFirst() {
      guard let text = rest.popFirst(), let value = UInt64(text) else { return nil }
      switch name {
      case "--count": count = Int(clamping: value)
      case "--seed": seed = value
      case "--seconds": seconds = Int(clamping: value)
      default: return nil
      }
    }
  }
}
