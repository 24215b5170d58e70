import MigrationBasics
import MigrationEngine
import MigrationLedger

/// The manifest as a file, for programs and people.
extension BackupManifest {
  package var json: JSONValue {
    [
      "format": .int(Self.format), "name": .text(name), "id": .text(id),
      "contents": .text(contents.rawValue), "created": .text(created.description),
      "createdMicroseconds": .int(created.microseconds), "note": .optional(note),
      "origin": origin.json, "plan": .optional(plan), "session": .optional(session),
      "tools": .object(
        JSONObject(tools.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
      "jobs": .int(jobs), "compression": .int(compression),
      "rows": .int(holds.rows), "bytes": .int(byteCount),
      "rowHash": .text(holds.rowHash.rawValue), "tables": .array(holds.tables.map(\.json)),
      "sequences": .array(holds.sequences.map(\.json)),
      "largeObjects": holds.largeObjects.map {
        ["count": .int($0.count), "hash": .text($0.hash)]
      } ?? .null,
      "schemaHash": .optional(schemaHash), "roles": .array(roles.map(JSONValue.text)),
      "milliseconds": [
        "dump": .int(times.dump), "counting": .int(times.counting),
        "checksums": .int(times.checksums),
      ],
      "files": .array(
        files.map { ["path": .text($0.path), "bytes": .int($0.bytes), "sha256": .text($0.sha256)] }),
    ]
  }
}

extension BackupManifest.Origin {
  fileprivate var json: JSONValue {
    [
      "role": .text(role), "product": .text(product), "version": .text(version),
      "majorVersion": .int(majorVersion), "place": .text(place), "database": .text(database),
      "user": .text(user), "identity": .optional(identity), "encoding": .text(encoding),
      "collation": .text(collation), "characterType": .text(characterType), "bytes": .int(bytes),
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    func text(_ key: String) throws -> String { try node.required(key).text() }
    self.init(
      role: try text("role"), product: try text("product"), version: try text("version"),
      majorVersion: try node.required("majorVersion").integer(), place: try text("place"),
      database: try text("database"), user: try text("user"),
      identity: try node.optional("identity")?.text(), encoding: try text("encoding"),
      collation: try text("collation"), characterType: try text("characterType"),
      bytes: try node.required("bytes").integer())
  }
}

extension DatabaseContents.Table {
  package var json: JSONValue {
    [
      "schema": .text(schema), "name": .text(name), "rows": rows.map(JSONValue.int) ?? .null,
      "hash": .optional(hash), "bytes": .int(bytes),
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      schema: try node.required("schema").text(), name: try node.required("name").text(),
      rows: try node.optional("rows")?.integer(), hash: try node.optional("hash")?.text(),
      bytes: try node.required("bytes").integer())
  }
}

extension DatabaseContents.Sequence {
  fileprivate var json: JSONValue {
    [
      "schema": .text(schema), "name": .text(name), "value": .int(value), "called": .bool(isCalled),
      "descending": .bool(isDescending), "ownerSchema": .optional(ownerSchema),
      "ownerTable": .optional(ownerTable),
    ]
  }

  fileprivate init(_ node: JSONNode) throws {
    self.init(
      schema: try node.required("schema").text(), name: try node.required("name").text(),
      value: try node.required("value").integer(), isCalled: try node.required("called").bool(),
      isDescending: try node.required("descending").bool(),
      ownerSchema: try node.optional("ownerSchema")?.text(),
      ownerTable: try node.optional("ownerTable")?.text())
  }
}

extension BackupManifest {
  /// Reads a file that was written by `json`.
  init(_ text: String, file: String) throws {
    let node = try JSON5.parse(text, file: file, dialect: .json)
    let format = try node.required("format").integer()
    guard format == Self.format else {
      throw MigrationError(
        .failed, "the manifest has format \(format), and this program reads format \(Self.format)",
        place: file, remedy: "use the version of migrate that created the backup, or a newer one")
    }
    let contents = try node.required("contents").choice(of: Contents.allCases.map(\.rawValue))
    let times = try node.required("milliseconds")
    let objects = try node.optional("largeObjects")
    self.init(
      name: try node.required("name").text(), id: try node.required("id").text(),
      contents: Contents(rawValue: contents) ?? .all,
      created: Moment(microseconds: try node.required("createdMicroseconds").integer()),
      note: try node.optional("note")?.text(), origin: try Origin(node.required("origin")),
      plan: try node.optional("plan")?.text(), session: try node.optional("session")?.text(),
      tools: Dictionary(
        try node.required("tools").object().map { ($0.key, try $0.value.text()) },
        uniquingKeysWith: { $1 }),
      jobs: try node.required("jobs").integer(),
      compression: try node.required("compression").integer(),
      holds: DatabaseContents(
        tables: try node.required("tables").array().map { try DatabaseContents.Table($0) },
        sequences: try node.required("sequences").array().map { try DatabaseContents.Sequence($0) },
        largeObjects: try objects.map {
          DatabaseContents.LargeObjects(
            count: try $0.required("count").integer(), hash: try $0.required("hash").text())
        },
        // The first manifests did not say it.
        rowHash: try node.optional("rowHash")
          .map { try $0.choice(of: DatabaseContents.RowHash.allCases.map(\.rawValue)) }
          .flatMap(DatabaseContents.RowHash.init) ?? .text),
      schemaHash: try node.optional("schemaHash")?.text(),
      roles: try node.required("roles").array().map { try $0.text() },
      files: try node.required("files").array().map {
        File(
          path: try $0.required("path").text(), bytes: try $0.required("bytes").integer(),
          sha256: try $0.required("sha256").text())
      },
      times: Times(
        dump: try times.required("dump").integer(),
        counting: try times.required("counting").integer(),
        checksums: try times.required("checksums").integer()))
  }
}
