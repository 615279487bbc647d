// Import direction: packages know nothing of feeds or plants, feeds and plants nothing of each other, everybody
// comes in through a package's one public face. Each rule's comment says what to do instead.
const inside = (folder) => `^${folder}/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'packages-stand-alone',
      severity: 'error',
      comment: 'A package may import packages only. Move what is shared into a package, or turn the import round.',
      from: { path: inside('packages') },
      to: { path: '^(feeds|tickerplant|tools|test)/' },
    },
    {
      name: 'feeds-know-no-plant',
      severity: 'error',
      comment: 'Handlers and plants meet on the wire only. Put what both need into packages/.',
      from: { path: inside('feeds') },
      to: { path: '^(tickerplant|tools|test)/' },
    },
    {
      name: 'feeds-know-no-other-feed',
      severity: 'error',
      comment:
        'A feed may import feeds/runtime, the shredder engine and packages. Put what two feeds share into feeds/runtime.',
      from: { path: '^feeds/([^/]+)/', pathNot: '^feeds/runtime/' },
      to: { path: '^feeds/', pathNot: ['^feeds/$1/', '^feeds/runtime/', '^feeds/shredder/'] },
    },
    {
      name: 'plant-knows-no-feed',
      severity: 'error',
      comment: 'Handlers and plants meet on the wire only. Put what both need into packages/.',
      from: { path: inside('tickerplant') },
      to: { path: '^(feeds|tools|test)/' },
    },
    {
      name: 'tools-know-no-tests',
      severity: 'error',
      comment: 'Test helpers belong into packages/testkit.',
      from: { path: inside('tools') },
      to: { path: '^test/' },
    },
    {
      name: 'one-public-face',
      severity: 'error',
      comment: "Import another workspace by its package name; what isn't exported by its index.ts is its own affair.",
      from: { path: '^((?:packages|feeds)/[^/]+|tickerplant|tools|test)/' },
      to: {
        path: '^((packages|feeds)/[^/]+|tickerplant|tools|test)/',
        pathNot: ['^$1/', '^(?:(?:packages|feeds)/[^/]+|tickerplant|tools)/build/src/index\\.(d\\.ts|js)$'],
      },
    },
    {
      name: 'machines-have-no-sockets',
      severity: 'error',
      comment:
        'Protocol logic takes bytes and the time. Only shells (shell.ts, *-shell.ts, multicast, tools) touch the network.',
      from: {
        path: '^(packages|feeds|tickerplant)/',
        pathNot: ['/test/', '^packages/multicast/', '^packages/control/', '^packages/testkit/', '-shell\\.ts$'],
      },
      to: { path: '^(dgram|net|tls|http|https)$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'testkit-in-tests-only',
      severity: 'error',
      comment: 'Shipped code may not depend on the test kit.',
      from: { pathNot: ['/test/', '^test/', '^packages/testkit/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Cut the circle: move the shared part down. (Circles of types alone are no circles at run time.)',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unlisted-dependencies',
      severity: 'error',
      comment: 'Name the package in the package.json of the workspace that imports it.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'Nothing is there.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/build/'] },
    exclude: { path: ['/build/.*\\.map$', '(^|/)node_modules/(?!@tickerplant)'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
