// The library: every layer by one import.

@_exported import MigrationBasics
@_exported import MigrationEngine
@_exported import MigrationLedger
@_exported import MigrationOperations
@_exported import MigrationPlan
@_exported import MigrationRows
@_exported import MigrationSample
