import Glibc

/// Lends strings to C as an array of pointers that ends with nil.
func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
  withOptionalCStrings(strings, body)
}

/// Lends strings to C as an array of pointers, nil if there is no string, and nil at the end.
func withOptionalCStrings<Value>(
  _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
  let copies = strings.map { string in string.flatMap { strdup($0) } }
  defer { for copy in copies { free(copy) } }
  let pointers = copies.map { UnsafePointer($0) } + [nil]
  return pointers.withUnsafeBufferPointer { buffer in
    // The array holds at least the nil at its end, so that it has an address.
    guard let base = buffer.baseAddress else { preconditionFailure("an array without storage") }
    return body(base)
  }
}

/// Returns a variable of the environment, or nil if it is unset or empty.
func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}

/// Returns the system's sentence for an errno.
func systemMessage(_ error: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let base = buffer.baseAddress, strerror_r(error, base, buffer.count) == 0 else {
      return "errno \(error)"
    }
    return String(cString: base)
  }
}
