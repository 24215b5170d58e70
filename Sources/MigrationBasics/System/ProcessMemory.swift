import FoundationEssentials

/// The memory of this process, from the kernel, in bytes.
package struct ProcessMemory: Sendable, Hashable {
  /// What it takes now.
  package let resident: Int
  /// The most that it has taken.
  package let peak: Int

  package init(resident: Int, peak: Int) {
    self.resident = resident
    self.peak = peak
  }

  /// Returns nil if the kernel does not say.
  package static func now() -> ProcessMemory? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    var sizes: [String: Int] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM") || line.hasPrefix("VmRSS")
    {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == ":" }
      if words.count > 1, let kibibytes = Int(words[1]) {
        sizes[String(words[0])] = kibibytes << 10
      }
    }
    guard let resident = sizes["VmRSS"], let peak = sizes["VmHWM"] else { return nil }
    return ProcessMemory(resident: resident, peak: peak)
  }
}
