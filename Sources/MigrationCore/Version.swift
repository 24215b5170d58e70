/// What this build calls itself.
public enum Version {
  public static let number = "0.1.0"
}
