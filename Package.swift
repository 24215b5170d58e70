// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "migrate",
  products: [
    .executable(name: "migrate", targets: ["migrate"]),
    .library(name: "MigrationCore", targets: ["MigrationCore"]),
  ],
  targets: [
    // Bindings: the C libraries, and nothing else.
    .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CMongoDriver", pkgConfig: "libbson-1.0", providers: [.apt(["libmongoc-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLateLibraries"),
    .target(name: "CWebhook", dependencies: ["CLateLibraries"]),
    .target(name: "CMongo", dependencies: ["CMongoDriver", "CLateLibraries"]),
    .target(name: "CXXHash"),
    .target(name: "CProcess"),

    // The libraries made safe. They know no plan.
    .target(name: "Postgres", dependencies: ["CPostgres", "CLateLibraries"]),
    .target(name: "Mongo", dependencies: ["CMongo", "CMongoDriver", "CZlib"]),

    // The engine, and the executable on top of it.
    .target(
      name: "MigrationCore",
      dependencies: [
        "Postgres", "Mongo", "CLateLibraries", "CXXHash", "CProcess", "CZlib", "CWebhook",
      ]),
    .executableTarget(
      name: "migrate", dependencies: ["MigrationCore", "Postgres", "CLateLibraries"]),

    // Runs mutated input through every decoder; see scripts/fuzz.
    .executableTarget(
      name: "decoder-fuzz", dependencies: ["Mongo", "MigrationCore", "Postgres"],
      path: "Tests/DecoderFuzz"),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"]),
    .testTarget(name: "MongoTests", dependencies: ["Mongo", "TestSupport"]),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "MigrationCoreTests",
      dependencies: ["MigrationCore", "TestSupport", "AllocationCounter"]),
    .testTarget(name: "CommandLineTests", dependencies: ["migrate"]),
    .testTarget(
      name: "EndToEndTests", dependencies: ["MigrationCore", "Postgres", "Mongo", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
