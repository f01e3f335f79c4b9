/** Who may import whom. Each rule says why in one line; the table itself stands in docs/decisions/0001-layout.md. */
const pure =
  '^apps/hub/src/(intake/route|dispatch/minimise|dispatch/consent|dispatch/downcast|settle/recoverability|cases/calendar|cases/ownership)\\.ts$';
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no first line to read.',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contracts-know-nobody',
      comment: 'Contracts are what all agree on, so they can lean on nobody.',
      severity: 'error',
      from: { path: '^libs/contracts' },
      to: { path: '^(apps|libs/(wire|fhir|channels))' },
    },
    {
      name: 'contracts-without-frameworks',
      comment: 'A contract outlives any framework.',
      severity: 'error',
      from: { path: '^libs/contracts' },
      to: { path: 'node_modules/(@nestjs|typeorm|kafkajs)' },
    },
    {
      name: 'libs-below-apps',
      comment: 'A library that imports an app is part of that app.',
      severity: 'error',
      from: { path: '^libs' },
      to: { path: '^apps' },
    },
    {
      name: 'pure-stages',
      comment: 'Pure rules take time, ids and chance as arguments, so that a table can test them.',
      severity: 'error',
      from: { path: pure },
      to: { path: '^(apps|libs/(wire|fhir|channels))', pathNot: pure },
    },
    {
      name: 'kafka-behind-the-wire',
      comment: 'So that another client can take its place.',
      severity: 'error',
      from: { pathNot: '^libs/wire' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'partner-libraries-at-the-edge',
      comment: 'Only adapters and channels touch partners.',
      severity: 'error',
      from: { pathNot: '^(libs/channels|apps/adapters)' },
      to: { path: 'node_modules/(opossum|fhir-kit-client)' },
    },
    {
      name: 'store-below-the-lines',
      comment: 'The store obeys the lines and knows none of them.',
      severity: 'error',
      from: { path: '^apps/hub/src/store' },
      to: { path: '^apps/hub/src/(intake|dispatch|settle|recovery|inbox|cases)' },
    },
    {
      name: 'apps-meet-on-the-wire',
      comment: 'Apps meet on a topic or an HTTP contract; only apps/start composes them.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/start/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'adapters-apart',
      comment: 'One partner must be removable without touching another.',
      severity: 'error',
      from: { path: '^apps/adapters/src/([^/]+)/' },
      to: { path: '^apps/adapters/src/([^/]+)/', pathNot: '^apps/adapters/src/$1/' },
    },
    {
      name: 'no-barrels-between-folders',
      comment: 'A barrel hides who needs what.',
      severity: 'error',
      from: {},
      to: { path: '^apps/.*/index\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.spec\\.ts$|^dist|generated)' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
