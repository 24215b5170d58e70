import FoundationEssentials
import MigrationBasics

/// The free resources of this machine, as the kernel reports them.
package struct MachineResources: Sendable, Hashable {
  package let processors: Int
  /// Processes that ran or waited to, on average over the last minute, in hundredths.
  package let loadHundredths: Int
  package let memoryBytes: Int
  package let freeMemoryBytes: Int
  /// Free on the disk of the folder that reports are written to.
  package let freeDiskBytes: Int

  /// How many processors this process may use.
  package static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

  package init(folder: String) {
    processors = Self.processors
    let load = Self.file("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) }
    loadHundredths = Int(((load ?? 0) * 100).rounded())
    let memory = Self.file("/proc/meminfo")
    memoryBytes = Self.kibibytes("MemTotal:", in: memory) * 1024
    freeMemoryBytes = Self.kibibytes("MemAvailable:", in: memory) * 1024
    freeDiskBytes = DiskSpace(of: folder)?.freeByteCount ?? 0
  }

  /// Reads what `json` has written.
  package init?(_ value: JSONValue?) {
    func number(_ key: String) -> Int? {
      if case .int(let number)? = value?[key] { number } else { nil }
    }
    guard let processors = number("processors"), let load = number("loadHundredths"),
      let memory = number("memoryBytes"), let free = number("freeMemoryBytes"),
      let disk = number("freeDiskBytes")
    else { return nil }
    (self.processors, loadHundredths, memoryBytes) = (processors, load, memory)
    (freeMemoryBytes, freeDiskBytes) = (free, disk)
  }

  package var json: JSONValue {
    [
      "processors": .int(processors), "loadHundredths": .int(loadHundredths),
      "memoryBytes": .int(memoryBytes), "freeMemoryBytes": .int(freeMemoryBytes),
      "freeDiskBytes": .int(freeDiskBytes),
    ]
  }

  private static func file(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  private static func kibibytes(_ key: String, in text: String) -> Int {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    let words = line?.split(separator: " ") ?? []
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }
}
