import CPostgres

/// A version of PostgreSQL, of a server or of the client library.
public struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The number as libpq has it: 150018 is 15.18.
  public let number: Int

  public init(number: Int) { self.number = number }

  public var major: Int { number / 10000 }
  public var minor: Int { number % 10000 }
  public var description: String { "\(major).\(minor)" }

  /// Whether the major version is one that this library is tested for.
  public var isSupported: Bool { 12...18 ~= major }

  public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
    left.number < right.number
  }

  /// The version of libpq in this process.
  public static var ofClientLibrary: ServerVersion { ServerVersion(number: Int(PQlibVersion())) }
}
