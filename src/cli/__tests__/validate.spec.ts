import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharedPath } from '../../testing/shared';
import { main } from '../main';
import { validate } from '../validate';

interface IVerdict {
  valid: boolean;
  message: string;
  path: string;
}

interface ICase {
  name: string;
  attributes: Record<string, unknown>;
  valid: boolean;
}

interface ISuite {
  tests: { formerly: string; data: ICase['attributes']; valid: boolean }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'validate-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
/** Writes a group with these files and returns where. */
async function group(files: Record<string, unknown>): Promise<string> {
  const place = path.join(folder, String(count++));
  await mkdir(place);
  for (const [key, value] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(place, key)), { recursive: true });
    await writeFile(path.join(place, key), typeof value === 'string' ? value : JSON.stringify(value));
  }
  return place;
}

const v2 = (attributes: unknown): Promise<string> => group({ '.zgroup': { zarr_format: 2 }, '.zattrs': attributes });
const v3 = (attributes: unknown): Promise<string> =>
  group({ 'zarr.json': { zarr_format: 3, node_type: 'group', attributes } });

async function run(...args: string[]): Promise<{ status: number; verdicts: IVerdict[] }> {
  const verdicts: IVerdict[] = [];
  const status = await validate(args, line => verdicts.push(JSON.parse(line) as IVerdict));
  return { status, verdicts };
}

const suites = sharedPath('data', 'ngff-spec');
const over = suites === null ? describe.skip : describe;

/** The suites of a version by name; `tests/<name>_suite.json` up to 0.5, one file a case after it. */
async function casesOf(version: string): Promise<Map<string, ICase[]>> {
  const folderOf = path.join(suites ?? '', version, 'tests');
  const found = new Map<string, ICase[]>();
  if (version !== '0.6-dev') {
    for (const file of (await readdir(folderOf)).filter(name => name.endsWith('_suite.json'))) {
      const suite = JSON.parse(await readFile(path.join(folderOf, file), 'utf8')) as ISuite;
      const cases = suite.tests.map(({ formerly, data, valid }) => ({ name: formerly, attributes: data, valid }));
      found.set(file.replace('_suite.json', ''), cases);
    }
    return found;
  }
  for (const strictness of ['spec', 'strict']) {
    for (const verdict of await readdir(path.join(folderOf, 'attributes', strictness))) {
      for (const kind of await readdir(path.join(folderOf, 'attributes', strictness, verdict))) {
        const here = path.join(folderOf, 'attributes', strictness, verdict, kind);
        const name = strictness === 'strict' ? `strict_${kind}` : kind;
        for (const file of await readdir(here)) {
          const attributes = JSON.parse(await readFile(path.join(here, file), 'utf8')) as ICase['attributes'];
          found.set(name, [...(found.get(name) ?? []), { name: file, attributes, valid: verdict === 'valid' }]);
        }
      }
    }
  }
  return found;
}

/** Writes every case as a group, judges it, and tells which verdicts differ. */
async function compare(version: string): Promise<{ rows: string[]; differing: string[]; total: number }> {
  const rows: string[] = [];
  const differing: string[] = [];
  let total = 0;
  for (const [name, cases] of [...(await casesOf(version))].sort(([a], [b]) => a.localeCompare(b))) {
    const places = await Promise.all(
      cases.map(({ attributes }) => (version === '0.4' ? v2(attributes) : v3(attributes)))
    );
    const { status, verdicts } = await run(...(name.startsWith('strict_') ? ['--strict'] : []), ...places);
    expect(status).toBe(0);
    expect(verdicts.map(verdict => verdict.path)).toEqual(places);
    const wrong = cases.filter(({ valid }, i) => verdicts[i].valid !== valid);
    differing.push(...wrong.map(test => `${name}: ${test.name} should be ${test.valid ? 'valid' : 'invalid'}`));
    total += cases.length;
    rows.push(`  ${version.padEnd(8)} ${name.padEnd(14)} ${cases.length - wrong.length} of ${cases.length}`);
  }
  return { rows, differing, total };
}

over('validate and the suites of the specification (../shared/data/ngff-spec)', () => {
  it('agrees in every case of 0.4 and 0.5; 0.6-dev stands beside', async () => {
    const results = [await compare('0.4'), await compare('0.5'), await compare('0.6-dev')];
    const [four, five, six] = results;
    const text = results.flatMap(({ rows }) => rows).join('\n');
    console.info(
      `agreement with the suites:\n${text}${six.differing.map(line => `\n  0.6-dev differs: ${line}`).join('')}`
    );
    expect([...four.differing, ...five.differing]).toEqual([]);
    expect(four.total + five.total).toBe(92 + 86);
  });

  it('takes the examples of older versions as what they are called', async () => {
    const wrong: string[] = [];
    for (const version of ['0.1', '0.2', '0.3']) {
      for (const place of ['image', 'plate', 'well'].flatMap(kind => [`${kind}/valid`, `${kind}/invalid`])) {
        const here = path.join(suites ?? '', version, 'examples', place);
        for (const file of await readdir(here).catch(() => [])) {
          const text = await readFile(path.join(here, file), 'utf8');
          const { verdicts } = await run(await v2(JSON.parse(text)));
          // Without a version a group counts as 0.4, whatever folder the example lies in.
          if (/"version": "0\.[123]"/.test(text) && verdicts[0].valid !== place.endsWith('/valid')) {
            wrong.push(`${version}/${place}/${file}: ${verdicts[0].message}`);
          }
        }
      }
    }
    // The schema of 0.3 cannot say in which order the axes must be.
    expect(wrong).toEqual([
      expect.stringMatching(/^0\.3\/image\/invalid\/invalid_axes_order\.json: Valid .*must be in the order/)
    ]);
  });
});

describe('validate', () => {
  const axes = ['y', 'x'].map(name => ({ name, type: 'space' }));
  const transformations = [{ type: 'scale', scale: [1, 1] }];
  const multiscales = [{ version: '0.4', axes, datasets: [{ path: '0', coordinateTransformations: transformations }] }];

  it('knows metadata that is not there, cannot be read or names nothing known', async () => {
    const { status, verdicts } = await run(
      await v2({}),
      await group({ '.zattrs': '{bad' }),
      await group({ 'zarr.json': '[]' }),
      await v2({ multiscales: [{ ...multiscales[0], version: '7.1' }] }),
      await v3({ ome: { multiscales } }),
      path.join(folder, 'nowhere')
    );
    expect(status).toBe(0);
    expect(verdicts.map(({ valid }) => valid)).toEqual(Array(6).fill(false));
    expect(verdicts.map(({ message }) => message)).toEqual([
      expect.stringContaining('no OME-Zarr metadata'),
      expect.stringContaining('not JSON'),
      expect.stringContaining('zarr.json'),
      expect.stringContaining('not known'),
      expect.stringContaining('0.4 is not stored in Zarr v3'),
      expect.stringContaining('no Zarr group')
    ]);
  });

  it('reads a Zarr v2 group without a version as 0.4', async () => {
    const { verdicts } = await run(await v2({ multiscales: [{ ...multiscales[0], version: undefined }] }));
    expect(verdicts[0]).toMatchObject({ valid: true, message: expect.stringContaining('OME-Zarr 0.4 image') });
  });

  it('tells what the prose demands and what is not there, without making it invalid', async () => {
    const array = {
      zarr_format: 2,
      shape: [4],
      chunks: [4],
      dtype: '<f4',
      fill_value: 0,
      order: 'C',
      filters: null,
      compressor: null
    };
    const place = await group({
      '.zattrs': {
        multiscales: [
          {
            ...multiscales[0],
            datasets: ['0', '1', '../2'].map(dataset => ({ path: dataset, coordinateTransformations: transformations }))
          }
        ],
        'image-label': { colors: [{ 'label-value': 1 }, { 'label-value': 1, rgba: [0, 0, 0, 0] }] }
      },
      '0/.zarray': array
    });
    const { verdicts } = await run(place);
    expect(verdicts[0].valid).toBe(true);
    for (const part of [
      'array 1 is not there',
      'datasets/2/path is not a path',
      '1 dimensions for 2 axes',
      'whole numbers',
      'listed twice'
    ]) {
      expect(verdicts[0].message).toContain(part);
    }
  });

  it('never reads beside the place given, whatever the metadata says', async () => {
    const outside = await group({ '0/.zarray': { zarr_format: 2 } });
    const hostile = [
      '../x/0',
      '/etc',
      '..',
      `../${path.basename(outside)}/0`,
      'a/../../b',
      '%2e%2e/0',
      'https://other.example/0'
    ];
    const { verdicts } = await run(
      await v2({
        multiscales: [
          {
            ...multiscales[0],
            datasets: hostile.map(dataset => ({ path: dataset, coordinateTransformations: transformations }))
          }
        ]
      })
    );
    for (const i of hostile.keys()) {
      expect(verdicts[0].message).toContain(`/multiscales/0/datasets/${i}/path is not a path inside`);
    }
    expect(verdicts[0].message).not.toContain('not there');
  });

  it('looks for wells, fields and labels', async () => {
    const plate = {
      version: '0.4',
      rows: [{ name: 'A' }],
      columns: [{ name: '1' }],
      wells: [{ path: 'A/1', rowIndex: 0, columnIndex: 0 }]
    };
    const { verdicts } = await run(
      await v2({ plate }),
      await v2({ well: { version: '0.4', images: [{ path: '0' }] } }),
      await v2({ labels: ['nuclei'] }),
      await v2({ labels: [7] })
    );
    expect(verdicts.map(({ valid }) => valid)).toEqual([true, true, true, false]);
    expect(verdicts[0].message).toContain('well A/1 not there');
    expect(verdicts[1].message).toContain('field 0 not there');
    expect(verdicts[2].message).toContain('label image nuclei not there');
  });

  it('says what it does not understand', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await validate([])).toBe(2);
    expect(await validate(['--lenient', folder])).toBe(2);
    expect(await main(['paint'])).toBe(2);
    expect(said).toHaveBeenCalledTimes(3);
    said.mockRestore();
  });

  it('has exit status 1 where a store does not answer', async () => {
    const { status, verdicts } = await run('http://127.0.0.1:9/nothing', await v2({ multiscales }));
    expect(status).toBe(1);
    expect(verdicts.map(({ valid }) => valid)).toEqual([false, true]);
    expect(verdicts[0].message).toContain('Not judged');
  }, 30_000);
});
