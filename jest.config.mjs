/** One transform and one set of aliases for every kind of test; a project per kind, so that each can run alone. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^#(contracts|wire|fhir)$': '<rootDir>/libs/$1/src/index.ts',
    '^#channels/(.*)\\.js$': '<rootDir>/libs/channels/src/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
const project = (name, testMatch) => ({ ...shared, displayName: name, testMatch });
/** With one PostgreSQL for the whole run, in TEST_DATABASE_URL. */
const withDatabase = (name, testMatch) => ({
  ...project(name, testMatch),
  globalSetup: '<rootDir>/tests/support/cluster.mjs',
  globalTeardown: '<rootDir>/tests/support/cluster-stop.mjs',
});

export default {
  projects: [
    project('unit', [
      '<rootDir>/{apps,libs}/**/*.spec.ts',
      '!**/*.int.spec.ts',
      '<rootDir>/tests/contracts/**/*.spec.ts',
    ]),
    withDatabase('int', ['<rootDir>/{apps,libs}/**/*.int.spec.ts']),
    project('conformance', ['<rootDir>/tests/conformance/**/*.spec.ts']),
    withDatabase('journeys', [
      '<rootDir>/tests/journeys/**/*.spec.ts',
      '<rootDir>/tests/regressions/**/*.spec.ts',
    ]),
    withDatabase('faults', ['<rootDir>/tests/faults/**/*.spec.ts']),
  ],
};
