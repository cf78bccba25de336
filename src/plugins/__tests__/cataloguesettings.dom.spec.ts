import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import { readFileSync } from 'node:fs';

import { memoryEnvironment, MemorySource } from '../../catalogue';
import { catalogue } from '../catalogue';
import { arranged, readCatalogueSettings } from '../cataloguesettings';
import type { IBioImageSession } from '../tokens';

interface IProperty {
  default: unknown;
}
const schema = JSON.parse(readFileSync('schema/catalogue.json', 'utf8')) as { properties: Record<string, IProperty> };
const defaults = Object.fromEntries(Object.entries(schema.properties).map(([name, { default: value }]) => [name, value]));

/** Settings as the registry hands them out, which a test can change while they are in use. */
function makeSettings() {
  const settings = { composite: { ...defaults }, changed: new Signal<object, void>({}) };
  const registry = { load: () => Promise.resolve(settings) } as unknown as ISettingRegistry; // all that is asked of it
  return {
    registry,
    set(name: string, value: unknown): void {
      settings.composite = { ...settings.composite, [name]: value };
      settings.changed.emit();
    }
  };
}

async function start() {
  const { registry, set } = makeSettings();
  const manners: unknown[] = [];
  const text = 'File Path\nstore:files/a.zarr\n';
  const label = 'Files';
  const environment = memoryEnvironment([{ id: 'files', label }], {}, { 'files/mine.csv': text });
  const session = {
    stores: () => environment.stores(),
    catalogues: () => Promise.resolve({ services: [], rewrites: [] }),
    setManners: (wanted: unknown) => manners.push(wanted),
    client: () => Promise.reject(new Error('no server here'))
  } as unknown as IBioImageSession; // all that is asked of it
  const sources = await catalogue.activate({} as never, session, registry);
  sources.add(new MemorySource('first', 'First', [], { rank: 1 }));
  sources.add(new MemorySource('second', 'Second', [], { rank: 2 }));
  await sources.populate();
  return { sources, set, manners, ids: () => sources.sources.map(({ id }) => id) };
}

/** Each setting: what it is set to, and what is different at once. */
const EFFECTS: Record<string, { value: unknown; seen: (made: Awaited<ReturnType<typeof start>>) => unknown; expected: unknown }> = {
  order: { value: ['second'], seen: ({ ids }) => ids()[0], expected: 'second' },
  hidden: { value: ['first'], seen: ({ ids }) => ids().includes('first'), expected: false },
  catalogues: { value: ['mine.csv'], seen: ({ ids }) => ids().filter(id => id.startsWith('csv:')).length, expected: 1 },
  contact: {
    value: 'ada@example.org',
    seen: ({ manners }) => manners.at(-1),
    expected: { contact: 'ada@example.org', cacheHours: 24 }
  },
  cacheHours: { value: 0, seen: ({ manners }) => manners.at(-1), expected: { contact: '', cacheHours: 0 } }
};

describe('the settings of the catalogues', () => {
  it('are all in the table of effects', () => {
    expect(Object.keys(EFFECTS).sort()).toEqual(Object.keys(schema.properties).sort());
  });

  it.each(Object.entries(EFFECTS))('take effect without a reload: %s', async (name, { value, seen, expected }) => {
    const made = await start();
    expect(seen(made)).not.toEqual(expected);
    let changes = 0;
    made.sources.changed.connect(() => changes++);
    made.set(name, value);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(seen(made)).toEqual(expected);
    expect(changes).toBeGreaterThan(0);
    made.set(name, defaults[name]);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(seen(made)).not.toEqual(expected);
  });

  it('count as not set where they are odd', () => {
    expect(readCatalogueSettings({ order: 'bia', hidden: [1, '', 'idr'], contact: 5, cacheHours: -1 })).toEqual({
      order: [],
      hidden: ['idr'],
      catalogues: [],
      contact: ''
    });
  });

  it('keep the order of sources that are not named', () => {
    const sources = ['a', 'b', 'c', 'd'].map(id => new MemorySource(id, id, []));
    expect(arranged(sources, { order: ['d', 'x', 'b'], hidden: [] }).map(({ id }) => id)).toEqual(['d', 'b', 'a', 'c']);
  });
});
