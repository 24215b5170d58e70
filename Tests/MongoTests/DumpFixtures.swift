import Foundation
import Mongo
import TestSupport

/// Runs the Python that makes and reads dumps without any code of ours.
func python(_ arguments: String...) throws -> String {
  try mustRun(
    TestServers.python(), [packageRoot + "/Tests/Fixtures/dumps.py"] + arguments,
    environment: TestServers.pythonEnvironment())
}

/// The dumps that Python made, once for all tests.
struct DumpFixtures {
  let folder: TemporaryFolder
  static let shared = Result { try DumpFixtures() }

  private init() throws {
    folder = try TemporaryFolder()
    _ = try python("make", folder.path)
  }

  static func path(_ name: String) throws -> String { try shared.get().folder.path + "/" + name }
}

/// Reads all documents of a collection, copied.
func documents(
  _ source: some DumpSource, _ database: String, _ name: String,
  options: DumpReadOptions = DumpReadOptions()
) throws -> [BSONDocument] {
  var all: [BSONDocument] = []
  try source.read(source.collection(database, name), options: options) {
    all.append(try $0.view.copy())
  }
  return all
}
