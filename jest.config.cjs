// Two projects: headless rooms run in plain Node (which has DecompressionStream and Response), widgets in jsdom.
const lab = require('@jupyterlab/testing/lib/jest-config')(__dirname);

const ES_MODULES = [
  '@codemirror', '@deck\\.gl', '@jupyter', '@jupyterlab', '@loaders\\.gl', '@lumino', '@luma\\.gl', '@mapbox', '@marijn',
  '@math\\.gl', '@microsoft', '@probe\\.gl', '@rjsf', '@zarrita', 'color', 'earcut', 'exenv-es6', 'gl-matrix', 'h3-js',
  'kdbush', 'lib0', 'long', 'marked', 'nanoid', 'numcodecs', 'vscode-ws-jsonrpc', 'y-protocols', 'y-websocket', 'yjs',
  'zarrita', 'unzipit', 'reference-spec-reader', 'p-queue', 'p-timeout', 'eventemitter3', 'fflate'
].join('|');

const common = {
  ...lab,
  reporters: undefined,
  coverageDirectory: undefined,
  collectCoverageFrom: undefined,
  coverageReporters: undefined,
  testTimeout: undefined, // of a whole run, not of a project
  resolver: '<rootDir>/jest.resolver.cjs',
  modulePathIgnorePatterns: ['<rootDir>/jupyterlab_bioimage/labextension', '<rootDir>/lib/', '<rootDir>/dist', '<rootDir>/.venv'],
  transform: {
    '\\.svg$': '@jupyterlab/testing/lib/jest-raw-loader.js',
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.jest.json' }],
    '^.+\\.m?jsx?$': ['babel-jest', { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] }]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES})).+`]
};
for (const key of Object.keys(common)) {
  if (common[key] === undefined) {
    delete common[key];
  }
}

module.exports = {
  reporters: ['default'],
  testTimeout: lab.testTimeout,
  projects: [
    {
      ...common,
      displayName: 'node',
      testEnvironment: 'node',
      setupFiles: [],
      setupFilesAfterEnv: ['<rootDir>/src/testing/said.ts'],
      testRegex: 'src/.*__tests__/[^/]*(?<!\\.dom)\\.spec\\.tsx?$'
    },
    {
      ...common,
      displayName: 'dom',
      setupFilesAfterEnv: [...(common.setupFilesAfterEnv ?? []), '<rootDir>/src/testing/said.ts'],
      testRegex: 'src/.*__tests__/.*\\.dom\\.spec\\.tsx?$'
    }
  ]
};
