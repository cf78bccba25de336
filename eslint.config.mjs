import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** Room → rooms it may import. Everything not listed is refused; `rooms.spec.ts` compares the real folder graph with it. */
const ROOMS = JSON.parse(readFileSync(new URL('./rooms.json', import.meta.url), 'utf8'));

/** Rooms that run without a page: no widget library, no JupyterLab. */
const HEADLESS = ['core', 'entities', 'stores', 'ngff', 'pixels', 'catalogue', 'snippets', 'api', 'testing', 'cli'];

/** Packages that only some rooms may import, as values or at all. */
const PACKAGES = [
  { names: ['@lumino/*', '@jupyterlab/*', '@jupyter/*', 'react', 'react-dom'], except: name => !HEADLESS.includes(name) },
  { names: ['zarrita'], except: name => ['stores', 'ngff', 'pixels', 'testing'].includes(name) },
  { names: ['@deck.gl/*', '@luma.gl/*', '@vivjs/*'], except: name => name === 'viewer', typesOk: true },
  { names: ['@jupyterlab/notebook'], except: name => ['notebook', 'plugins'].includes(name) },
  { names: ['ajv', 'ajv/*', 'node:*'], except: name => ['cli', 'testing'].includes(name) }
];

function room(name) {
  const closed = Object.keys(ROOMS).filter(other => other !== name && !ROOMS[name].includes(other));
  const patterns = closed.map(other => ({
    regex: `^(\\.\\./)+${other}(/|$)`,
    message: `${name} may not import ${other} (rooms.json)`
  }));
  for (const { names, except, typesOk } of PACKAGES) {
    if (!except(name)) {
      const allowed = name === 'api' ? names.map(n => n).concat('!@jupyterlab/services') : names;
      patterns.push({ group: allowed, message: `not in ${name} (see docs/ARCHITECTURE.md)`, allowTypeImports: typesOk === true });
    }
  }
  return {
    files: [`src/${name}/**/*.{ts,tsx}`],
    ignores: ['**/__tests__/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] }
  };
}

const jupyterErrors = Object.fromEntries(
  Object.keys(jupyter.rules)
    .filter(rule => !/^(galata|require-soft|no-schema)/.test(rule))
    .map(rule => [`jupyter/${rule}`, 'error'])
);

/** Browser tests are no plugins. */
const jupyterOff = Object.fromEntries(Object.keys(jupyter.rules).map(rule => [`jupyter/${rule}`, 'off']));

export default defineConfig([
  {
    ignores: ['**/node_modules', 'lib', 'dist', 'coverage', '.venv', '.cache', 'jupyterlab_bioimage/labextension', '**/*.cjs', '**/*.mjs', '*.js', 'style/*.js']
  },
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      ...jupyterErrors,
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'max-lines': ['error', { max: 350 }],
      'max-lines-per-function': ['error', { max: 80, skipComments: true, skipBlankLines: true }]
    }
  },
  {
    files: ['src/**/__tests__/**/*.{ts,tsx}'],
    languageOptions: { globals: { ...globals.jest, ...globals.node } },
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off'
    }
  },
  {
    files: ['ui-tests/**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommended],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { 'no-empty-pattern': 'off', 'no-undef': 'off', ...jupyterOff }
  },
  {
    files: ['docs/examples/**/*.js'],
    extends: [js.configs.recommended],
    languageOptions: { globals: globals.browser },
    // The titles in an example are data.
    rules: { ...jupyterErrors, 'jupyter/no-untranslated-string': 'off' }
  },
  { files: ['src/cli/**/*.ts', 'src/testing/**/*.ts'], languageOptions: { globals: globals.node } },
  ...Object.keys(ROOMS).map(room)
]);
