// Who may import whom. Names of folders say what a package is:
//   plugins/<id>[-common|-node|-react|-backend|-backend-module-<name>]

const LIBRARIES =
  '^packages/(agent-config|cedar-policies|code-mode|encryption|guarded-fetch|guardrails|mcp-endpoint|repo-analysis|mcp-server-kit)/';

// Backend plugins and their modules. `$1` is the importing one.
const BACKEND = '^(plugins/[^/]+-backend[^/]*)/';

// Frontend plugins: folders of plugins/ without any of these endings. `$1` is the plugin's id.
const FRONTEND = {
  path: '^plugins/([^/]+)/',
  pathNot: '-(?:common|node|react|backend)/|-backend-module-',
};

module.exports = {
  forbidden: [
    {
      name: 'no-circular-imports',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'libraries-know-nothing-of-plugins',
      severity: 'error',
      from: { path: LIBRARIES },
      to: { path: '^plugins/' },
    },
    {
      name: 'common-packages-run-everywhere',
      comment: 'A -common package is loaded by browsers and by backends.',
      severity: 'error',
      from: { path: '^plugins/[^/]+-common/src/' },
      to: {
        path: [
          '^plugins/[^/]+-(?:node|react|backend)',
          '(?:^|/)node_modules/@backstage/(?:backend-|[^/]+-(?:node|react|backend)/)',
          '(?:^|/)node_modules/react(?:-dom)?/',
        ],
      },
    },
    {
      name: 'node-packages-do-not-import-backends',
      severity: 'error',
      from: { path: '^plugins/[^/]+-node/src/' },
      to: { path: BACKEND },
    },
    {
      name: 'backends-do-not-import-each-other',
      comment:
        'Share through a -node or -common package. Tests may start several.',
      severity: 'error',
      from: { path: BACKEND, pathNot: '[.]test[.]tsx?$|/testing/' },
      to: {
        path: [BACKEND, '(?:^|/)node_modules/@[^/]+/plugin-[^/]+-backend/'],
        pathNot: '^$1/',
      },
    },
    {
      name: 'frontends-import-their-own-common-and-react-only',
      severity: 'error',
      from: FRONTEND,
      to: {
        path: '^plugins/',
        pathNot: ['^plugins/$1/', '^plugins/[^/]+-(?:common|react)/'],
      },
    },
    {
      name: 'frontends-import-no-common-or-react-of-another-plugin',
      severity: 'error',
      from: FRONTEND,
      to: {
        path: '^plugins/[^/]+-(?:common|react)/',
        pathNot: '^plugins/$1-(?:common|react)/',
      },
    },
  ],
  options: {
    // Types count: a type-only import ties two packages together just as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '(?:^|/)(?:dist|dist-types|coverage|\\.data)/',
    },
    // Workspaces are symbolic links in node_modules; resolved to their folders, so that the
    // rules above see them.
    preserveSymlinks: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types', 'typings'],
    },
  },
};
