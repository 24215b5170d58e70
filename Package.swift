// swift-tools-version: 6.2
import PackageDescription

/// The layers of the engine, from the bottom up.
let layers: [Target.Dependency] = [
  "MigrationBasics", "MigrationPlan", "MigrationRows", "MigrationLedger", "MigrationEngine",
  "MigrationOperations", "MigrationSample",
]

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

    // The engine, a layer each: a name that is used upward does not compile.
    .target(name: "MigrationBasics", dependencies: ["Postgres", "Mongo", "CProcess", "CXXHash"]),
    .target(name: "MigrationPlan", dependencies: ["MigrationBasics", "Postgres"]),
    .target(
      name: "MigrationRows",
      dependencies: ["MigrationPlan", "MigrationBasics", "Postgres", "Mongo"]),
    .target(
      name: "MigrationLedger", dependencies: ["MigrationPlan", "MigrationBasics", "Postgres"]),
    .target(
      name: "MigrationEngine",
      dependencies: [
        "MigrationRows", "MigrationLedger", "MigrationPlan", "MigrationBasics", "Postgres", "Mongo",
      ]),
    .target(
      name: "MigrationOperations",
      dependencies: [
        "MigrationEngine", "MigrationRows", "MigrationLedger", "MigrationPlan", "MigrationBasics",
        "Postgres", "Mongo", "CLateLibraries", "CZlib", "CWebhook", "CProcess",
      ]),
    .target(
      name: "MigrationSample",
      dependencies: ["MigrationEngine", "MigrationPlan", "MigrationBasics", "Postgres", "Mongo"]),
    // The library: all of it by one import.
    .target(name: "MigrationCore", dependencies: layers),

    // The executable on top of it.
    .executableTarget(
      name: "migrate", dependencies: ["MigrationCore", "Postgres", "CLateLibraries"]),

    // The program of docs/library.md. It has the library's public names alone.
    .executableTarget(
      name: "run-a-plan", dependencies: ["MigrationCore"], path: "docs/example",
      packageAccess: false),

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
      dependencies: layers + [
        "MigrationCore", "Postgres", "Mongo", "TestSupport", "AllocationCounter",
      ]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["migrate", "MigrationCore", "TestSupport"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["MigrationCore", "Postgres", "Mongo", "TestSupport", "run-a-plan"]),
  ],
  swiftLanguageModes: [.v6]
)
