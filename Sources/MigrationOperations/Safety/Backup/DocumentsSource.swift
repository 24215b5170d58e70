import MigrationBasics
import Mongo

/// The MongoDB database that a source setting names.
package struct DocumentsSource: Sendable {
  package let url: DatabaseURL
  package let setting: String

  /// Nil if the source has tables.
  ///
  /// - Parameter preferred: the setting that the plan reads from.
  package init?(_ settings: Settings, preferred: String? = nil) {
    let keys = [SettingKey<DatabaseURL?>.source, .mongo].filter { settings.value($0) != nil }
    guard let key = keys.first(where: { $0.name == preferred }) ?? keys.first,
      let url = settings.value(key), url.kind.hasDocuments
    else { return nil }
    (self.url, setting) = (url, key.name)
  }

  package func connect() throws -> (client: MongoClient, database: String) {
    guard !url.kind.isFile else {
      throw MigrationError(
        .configuration, "\(setting) is already a dump", place: url.redacted,
        remedy: "keep a copy of its files")
    }
    let place: MongoURL
    do { place = try MongoURL(url.connectionString) } catch {
      throw MigrationError(
        .configuration, "\(setting): \(error)", reason: "badURL", place: url.redacted)
    }
    guard let database = place.database else {
      throw MigrationError(
        .configuration, "\(setting) names no database", place: url.redacted,
        remedy: "add the database after the hosts: mongodb://host:27017/DATABASE")
    }
    do { return (try MongoClient(place), database) } catch {
      throw MigrationError(connecting: error, to: url, setting: setting)
    }
  }
}
