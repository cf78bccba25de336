import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import plugins from '../..';
import { ARGUMENTS } from '../args';

const ROOT = process.cwd();
const NAME = 'jupyterlab-bioimage';
const ids = plugins.map(({ id }) => id);
const sources = readdirSync(path.join(ROOT, 'src', 'plugins'))
  .filter(file => file.endsWith('.ts'))
  .map(file => readFileSync(path.join(ROOT, 'src', 'plugins', file), 'utf8'));

describe('the plugins', () => {
  it('have ids of this package, one file each, and a description', () => {
    for (const { id, description, autoStart } of plugins) {
      expect(id.startsWith(`${NAME}:`)).toBe(true);
      expect(existsSync(path.join(ROOT, 'src', 'plugins', `${id.slice(NAME.length + 1)}.ts`))).toBe(true);
      expect(description).toBeTruthy();
      expect(autoStart).toBe(true);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('require nothing that Notebook 7 does not have', () => {
    const missing = ['ILayoutRestorer', 'IStatusBar', 'ILauncher', 'ILabShell'];
    const required = plugins.flatMap(({ requires = [] }) => requires.map(token => token.name));
    expect(required.filter(name => missing.some(one => name.endsWith(`:${one}`)))).toEqual([]);
  });

  it('provide a token once each, before it is required', () => {
    const provided = plugins.flatMap(({ provides }) => (provides ? [provides.name] : []));
    expect(new Set(provided).size).toBe(provided.length);
    const own = plugins.flatMap(({ requires = [], optional = [] }) => [...requires, ...optional]).filter(token => token.name.startsWith(NAME));
    expect(own.filter(token => !provided.includes(token.name))).toEqual([]);
  });
});

describe('the schemas', () => {
  const schemas = readdirSync(path.join(ROOT, 'schema'));

  it('belong to a plugin each', () => {
    expect(schemas.filter(file => !ids.includes(`${NAME}:${path.basename(file, '.json')}`))).toEqual([]);
  });

  it('name only commands that exist', () => {
    const named = schemas.flatMap(file => [
      ...readFileSync(path.join(ROOT, 'schema', file), 'utf8').matchAll(/"command": "([^"]+)"/g)
    ]);
    expect(named.map(match => match[1]).filter(id => !(id in ARGUMENTS))).toEqual([]);
  });
});

describe('the commands', () => {
  it('are all described, and no others are added', () => {
    const quoted = sources.flatMap(text => [...text.matchAll(/'(bioimage:[a-z-]+)'/g)].map(match => match[1]));
    expect([...new Set(quoted)].sort()).toEqual(Object.keys(ARGUMENTS).sort());
  });

  const readme = path.join(ROOT, 'README.md');
  (existsSync(readme) ? it : it.skip)('that the README names exist', () => {
    const named = [...readFileSync(readme, 'utf8').matchAll(/\bbioimage:[a-z]+-[a-z-]+/g)].map(match => match[0]);
    expect(named.filter(id => !(id in ARGUMENTS))).toEqual([]);
  });
});
