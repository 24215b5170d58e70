/// The keys of rows that stand as examples of what happened to many.
public enum ExampleKeys {
  /// The most that are kept.
  public static let most = 5
}
