/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { sharedPath } from '../../testing';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { memoryEnvironment, PROVIDERS } from '..';
import type { ICatalogueEnvironment, ICatalogueSource } from '..';
import { contractOf } from './contract';
import type { ISourceCase } from './contract';

/** What is asked of the source of each provider; a provider without an entry is not let in. */
const CASES: Readonly<Record<string, Omit<ISourceCase, 'name' | 'make'>>> = {
  bia: {
    match: 'embryo',
    study: 'S-BIAD1556',
    studyOfFiles: 'S-BIAD1492',
    names: {
      'S-BIAD1492': { kind: 'study', accession: 'S-BIAD1492' },
      'https://doi.org/10.6019/S-BIAD634': { kind: 'study', accession: 'S-BIAD634' }
    }
  },
  idr: {
    match: 'rad52',
    study: 'idr0004',
    suggest: 'ade8',
    names: {
      idr0062: { kind: 'study', accession: 'idr0062' },
      'https://idr.openmicroscopy.org/webclient/?show=image-1884807': { kind: 'image', id: 'image:1884807' }
    }
  },
  biostudies: {
    match: 'zebrafish',
    study: 'S-BIAD90001',
    names: { 'S-BSST744': { kind: 'study', accession: 'S-BSST744' } }
  },
  'ngff-samples': { match: '6001240' },
  'ngff-challenge': { match: 'platynereis' },
  csv: { match: 'mitosis' },
  samples: { match: 'cells', folder: '' },
  stores: { match: 'cells', folder: 'inside' }
};

const OWN = 'File Path,File Name\na.zarr,Mitosis\nb.zarr,Anaphase\n../c.tif,Mitosis again\nd.zarr,\n';
const STORES = [
  { id: 'files', label: 'files' },
  { id: 'samples', label: 'samples' }
];
const zarr = (...names: string[]) => names.map(name => ({ name, kind: 'zarr' as const }));
const FOLDERS = {
  files: { '': zarr('cells.zarr', 'x.zarr', 'y.zarr'), inside: zarr('a.zarr', 'b.zarr', 'c.zarr') },
  samples: { '': zarr('cells.zarr', 'stack.zarr', 'z.zarr') }
};

let archives: IArchives;
/** Reads of stores, which are not asked through the doubles. */
let reads = 0;

beforeAll(async () => {
  const shared = sharedPath('fixtures', 'recorded');
  archives = await startArchives(shared === null ? {} : { shared });
}, 30_000);
afterAll(() => archives.close());

function environment(): ICatalogueEnvironment {
  const memory = memoryEnvironment(STORES, FOLDERS, { 'files/mine.csv': OWN });
  return {
    ...memory,
    list: (...question) => {
      question[3].throwIfAborted();
      reads++;
      return memory.list(...question);
    },
    read: (...question) => {
      question[2].throwIfAborted();
      reads++;
      return memory.read(...question);
    },
    relay: archives.relay,
    services: () => Promise.resolve(archives.services),
    rewrites: () => Promise.resolve(archives.rewrites),
    ownCatalogues: ['mine.csv']
  };
}

async function trouble(kind: 'slow' | 'down' | 'login' | 'busy' | 'none'): Promise<void> {
  const each = (value: unknown): Record<string, unknown> => {
    return Object.fromEntries([...archives.services, 'searchengine'].map(service => [service, value]));
  };
  const login = { status: 200, type: 'text/html', body: '<!DOCTYPE html><html><body>Sign in</body></html>' };
  const settings = {
    slow: { delay: each(0.3) },
    down: { fail: each(503) },
    login: { fail: each(login) },
    busy: { fail: each(429) },
    none: {}
  };
  await archives.control(settings[kind]);
}

it('has something to ask of every provider in the table', () => {
  expect(PROVIDERS.map(({ id }) => id).sort()).toEqual(Object.keys(CASES).sort());
});

for (const provider of PROVIDERS) {
  const isStore = ['csv', 'samples', 'stores'].includes(provider.id);
  contractOf({
    ...CASES[provider.id],
    name: `${provider.id} of the table`,
    make: async (): Promise<ICatalogueSource> => (await provider.create(environment()))[0],
    asked: async () => (await archives.requests()).length + reads,
    ...(isStore ? {} : { trouble })
  });
}
