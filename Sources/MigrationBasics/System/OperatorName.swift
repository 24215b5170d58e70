import FoundationEssentials
import Glibc

/// Who runs this process, for records: the operating system's user and machine.
package enum OperatorName {
  package static var current: String {
    let user = getpwuid(getuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
    return (user ?? String(getuid())) + "@" + host
  }

  package static var host: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    return withUnsafeBytes(of: &name.nodename) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
