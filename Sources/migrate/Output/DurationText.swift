/// Durations for people.
enum DurationText {
  static func short(_ time: Duration) -> String {
    let seconds = time / .seconds(1)
    if seconds < 10 { return "\(Double(Int(seconds * 10)) / 10) s" }
    if seconds < 120 { return "\(Int(seconds)) s" }
    if seconds < 7200 { return "\(Int(seconds / 60)) min" }
    return "\(Int(seconds / 3600)) h \(Int(seconds / 60) % 60) min"
  }
}
