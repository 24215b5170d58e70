import MigrationBasics
import Mongo

/// Proves that a backup of documents can be read: every document, and as many as there were.
struct DocumentsVerification {
  let work: BackupWork

  func findings(_ backup: Backup, _ manifest: BackupManifest) throws -> [BackupFinding] {
    work.note("reading every document")
    let dump: DumpFolder
    do throws(DumpError) { dump = try DumpFolder(backup.dump) } catch {
      return [BackupFinding(.archive, error.description)]
    }
    var counts: [String: Int] = [:]
    do {
      for collection in dump.collections {
        counts[collection.name] = try count(collection, in: dump)
      }
    } catch let error as DumpError {
      return [BackupFinding(.archive, error.description)]
    }
    return manifest.holds.tables.compactMap { table in
      guard let count = counts[table.name] else {
        return BackupFinding(.contents, "collection \(table.name) is missing")
      }
      guard let rows = table.rows, count != rows else { return nil }
      return BackupFinding(
        .contents,
        "\(table.name) has \(CountText.of(count, "document")) instead of \(GroupedNumber.text(rows))"
      )
    }
  }

  private func count(_ collection: DumpedCollection, in dump: DumpFolder) throws -> Int {
    // Text that is not UTF-8 is no damage: servers keep it.
    let cursor = try DumpCursor(
      dump, collection, options: DumpReadOptions(checksText: false))
    var count = 0
    while try cursor.next() != nil {
      count += 1
      if count.isMultiple(of: 1000) { try work.watch() }
    }
    return count
  }
}
