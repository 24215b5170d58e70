import FoundationEssentials

/// Writes the next pair of files of a schema, to be filled by hand.
package enum SchemaTemplate {
  /// Writes both files and returns their paths; none is overwritten.
  package static func write(name: String, into folder: SchemaFolder) throws -> [String] {
    let title = try fileName(of: name)
    let number = (folder.migrations.last?.number ?? 0) + 1
    let digits = String(number)
    let stem = String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "_" + title
    let paths = ["up", "down"].map { "\(folder.path)/\(stem).\($0).sql" }
    for (path, text) in zip(paths, [up, down(stem)]) {
      guard !FileManager.default.fileExists(atPath: path),
        (try? Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)) != nil
      else { throw SchemaFault.cannotWrite(path: path) }
    }
    return paths
  }

  /// Turns "Add e-mail index" into `add_e_mail_index`.
  private static func fileName(of name: String) throws -> String {
    let words = name.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
    let title = words.joined(separator: "_")
    let isPlain = name.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 }
    guard isPlain, !title.isEmpty, title.utf8.count <= 60 else { throw SchemaFault.badName(name) }
    return title
  }

  private static let up = """
    -- What changes, and why.
    --
    -- The whole file is one transaction: all of it takes effect, or nothing. Write names without a
    -- schema. Do not change the file after it was applied anywhere.
    --
    -- If a statement can't run in a transaction (CREATE INDEX CONCURRENTLY), begin the file with the
    -- line "\(SchemaFile.withoutTransactionMark)", and write it so that it can run again.

    -- CREATE TABLE things (
    --   id   uuid         NOT NULL DEFAULT gen_random_uuid(),
    --   name varchar(255) NOT NULL,
    --   CONSTRAINT things_pkey PRIMARY KEY (id)
    -- );
    -- CREATE INDEX things_name_idx ON things (name);

    """

  private static func down(_ stem: String) -> String {
    """
    -- Reverts exactly what \(stem).up.sql does, in reverse order.

    -- DROP TABLE things;

    """
  }
}
