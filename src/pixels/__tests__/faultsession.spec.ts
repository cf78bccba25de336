import { readArray } from '../../ngff';
import type { DataType } from '../../ngff';
import { codecCases } from '../../testing/codeccases';
import { detectable, dice, imageOf, type IFaultedRead } from '../../testing/hostile/faultcampaign';
import { DTYPES, LAYOUTS, MADE_CODECS, type IFaultImage } from '../../testing/hostile/faultimages';
import { ARRAY, plateOf } from '../../testing/hostile/faultplate';
import {
  FAULTS,
  startFaultServer,
  type Fault,
  type IFaultPlace,
  type IFaultServer
} from '../../testing/hostile/faultserver';
import { SessionReads, WAYS, type IResult, type PictureWay, type Way } from '../../testing/hostile/sessionways';
import { projectPython, startServer, type ISessionServer } from '../../testing/sessionserver';

const READS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 10_000 : 650;
const AT_ONCE = 24;
const SEED = 20261127;
/** Every how many-th read is a picture or is decoded by the server: a process of its own does that, and ends with any damage. */
const COMPOSED_EVERY = READS > 650 ? 5 : 10;
/** Stores that are asked one thing only, so that nothing else has used up their retries; the first letter stands for a fault. */
const ONE_EACH = ['v3', 'sharded'].flatMap(layout =>
  [false, true].flatMap(etags => FAULTS.map(fault => storeOf(layout, etags, fault)))
);
/** What comes of a whole chunk that is bad once, and how often it is asked for. */
const ONCE: Readonly<Record<Fault, string>> = {
  none: 'exact 1',
  'ignored Range': 'exact 1',
  shifted: 'BAD_CHUNK 1',
  'shifted unsaid': 'BAD_CHUNK 1',
  truncated: 'BAD_CHUNK 1',
  'cut on the way': 'exact 2',
  extended: 'BAD_CHUNK 1',
  swapped: 'WRONG 1',
  stale: 'WRONG 1',
  'flipped byte': 'BAD_CHUNK 1',
  'login page': 'UPSTREAM_BAD 1',
  slow: 'exact 2',
  reset: 'exact 2'
};
/** What shows in the sum of a whole object, and is asked for again. */
const SUMMED: readonly Fault[] = ['shifted', 'shifted unsaid', 'truncated', 'extended', 'stale', 'flipped byte'];
/** What the answer's own headers tell of a part. */
const PARTS = { shifted: 'UPSTREAM_BAD 1', truncated: 'UPSTREAM_BAD 1', extended: 'UPSTREAM_BAD 1' };
const python = projectPython();

function storeOf(layout: string, etags: boolean, fault: Fault): string {
  return `${fault === 'slow' ? 'short' : 'one'}-${layout}-${etags ? 'etags' : 'bare'}-${fault.replaceAll(' ', '-')}`;
}

interface IRead extends IFaultedRead {
  readonly way: Way;
  readonly dtype: string;
  readonly result: IResult;
}

/** Chunks that only the server decodes, as arrays of one chunk. */
function serverImages(): { name: string; dtype: string; checked: boolean; image: IFaultImage }[] {
  return (codecCases() ?? [])
    .filter(({ by }) => by === 'server')
    .map(({ codec, dtype, document, chunk, expected }) => {
      const key = readArray('', document).objectKey((document.shape as number[]).map(() => 0));
      const meta = new TextEncoder().encode(JSON.stringify(document));
      const objects = new Map([
        [document.zarr_format === 2 ? '.zarray' : 'zarr.json', meta],
        [key, chunk]
      ]);
      return {
        name: codec,
        dtype,
        checked: /^(bz2|lzma)$/.test(codec),
        image: { document, objects, chunks: [{ key, expected }] }
      };
    });
}

(python ? describe : describe.skip)('chunks over a line that lies to the session', () => {
  let faults: IFaultServer;
  let server: ISessionServer;
  let reads: SessionReads;
  const pictures = new Map<string, Promise<Uint8Array>>();

  beforeAll(async () => {
    faults = await startFaultServer();
    const url = faults.add(nowhere()).replace(/\/\d+$/, '');
    const stores = ['web', 'short', ...ONE_EACH].map(id => ({ id, label: id, url, prefixes: [], prefer: 'session' }));
    server = await startServer(python ?? '', stores, 'jupyterlab_bioimage.tests.impatient');
    reads = new SessionReads(server, pictureOf);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await faults?.close();
  });

  function nowhere(): IFaultPlace {
    const none = new Map<string, Uint8Array>();
    return { objects: none, older: none, fault: 'none', key: '', other: '', times: 0, etags: false, dice: 0 };
  }

  /** Puts an image into the fault server; its folder there. */
  function put(
    image: IFaultImage,
    older: IFaultImage,
    { at: atChunk, other: otherChunk, ...place }: Partial<Omit<IFaultPlace, 'other'>> & { at: number; other: number }
  ): string {
    const [at, other] = [image.chunks[atChunk], image.chunks[otherChunk]];
    const url = faults.add({
      ...nowhere(),
      objects: plateOf(image),
      older: plateOf(older),
      key: `${ARRAY}/${at.key}`,
      other: `${ARRAY}/${other.key}`,
      range: at.range,
      otherRange: other.range,
      ...place
    });
    return url.slice(url.lastIndexOf('/') + 1);
  }

  /** The same picture comes of the same values, whatever their type and codec: that of an honest store is asked for once. */
  function pictureOf(way: PictureWay, image: IFaultImage, damaged?: number): Promise<Uint8Array> {
    const { expected } = image.chunks[0];
    const moved = expected.subarray(0, expected.length / 256).some(byte => byte !== 0); // the first value is 0 else
    const key = `${way} ${damaged} ${moved}`;
    const made = pictures.get(key) ?? honestPicture(way, moved ? 'fixedscaleoffset' : 'none', damaged);
    pictures.set(key, made);
    return made;
  }

  async function honestPicture(way: PictureWay, codec: string, damaged?: number): Promise<Uint8Array> {
    const image = await imageOf('v2', MADE_CODECS.find(({ name }) => name === codec) ?? MADE_CODECS[0], 'uint8', 0);
    const objects = new Map(image.objects);
    if (damaged !== undefined) {
      objects.set(image.chunks[damaged].key, new Uint8Array(1));
    }
    const root = put({ ...image, objects }, image, { at: 0, other: 1 });
    for (let tries = 0; tries < 200; tries++) {
      const picture = await reads.picture(way, { store: 'web', root });
      if (picture) {
        return picture;
      }
      await new Promise(resolve => setTimeout(resolve, 100)); // the process that makes them is being started
    }
    throw new Error(`no ${way} of an honest store`);
  }

  const own = serverImages();

  /** Every fault in turn on every way, over everything else at random. */
  async function runOne(number: number, random: () => number): Promise<IRead> {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const fault = FAULTS[number % FAULTS.length];
    const turn = Math.floor(number / FAULTS.length);
    const way = turn % COMPOSED_EVERY === 0 ? WAYS[1 + ((turn / COMPOSED_EVERY) % (WAYS.length - 1))] : 'batch';
    const etags = random() < 0.5;
    const more = { fault, etags, times: random() < 0.5 ? Infinity : 1, dice: random() };
    const store = fault === 'slow' ? 'short' : 'web';
    if (way === 'decode' && random() < 0.5 && !['swapped', 'stale', 'ignored Range'].includes(fault)) {
      const { name, dtype, checked, image } = pick(own);
      const root = put(image, image, { ...more, at: 0, other: 0 });
      const result = await reads.read(way, { store, root, image, chunk: 0 });
      return {
        way,
        layout: image.document.zarr_format === 2 ? 'v2' : 'v3',
        codec: { name, checked },
        dtype,
        fault,
        etags,
        result
      };
    }
    const layout = fault === 'ignored Range' ? 'sharded' : pick(LAYOUTS);
    const codec = pick(MADE_CODECS.filter(({ formats }) => formats.includes(layout === 'v2' ? 2 : 3)));
    const [dtype, at]: [DataType, number] = [pick(DTYPES), Math.floor(random() * 4)];
    const other = (at + 1 + Math.floor(random() * 3)) % 4;
    const [now, before] = await Promise.all([imageOf(layout, codec, dtype, 0), imageOf(layout, codec, dtype, 1)]);
    const root = put(now, before, { ...more, at, other });
    const result = await reads.read(way, { store, root, image: now, chunk: at });
    return { way, layout, codec, dtype, fault, etags, result };
  }

  it('asks again for what may pass, and says of the rest what it is: by layout and ETags, what came and how often it was asked', async () => {
    const codec = MADE_CODECS.find(({ name }) => name === 'crc32c') ?? MADE_CODECS[0];
    const found: Record<string, Record<string, string>> = {};
    for (const layout of ['v3', 'sharded'] as const) {
      const [now, before] = await Promise.all([0, 1].map(version => imageOf(layout, codec, 'uint16', version)));
      for (const etags of [false, true]) {
        const row = await Promise.all(
          FAULTS.map(async (fault): Promise<[string, string]> => {
            const root = put(now, before, { fault, etags, times: 1, dice: 0.3, at: 3, other: 2 });
            const read = { store: storeOf(layout, etags, fault), root, image: now, chunk: 3 };
            await reads.read('batch', { ...read, chunk: 0 }); // tells the store's ETags
            const { came, code } = await reads.read('batch', read);
            return [fault, `${code ?? came} ${faults.asked(`/${root}`)}`];
          })
        );
        found[`${layout}${etags ? ' with ETags' : ''}`] = Object.fromEntries(row);
      }
    }
    expect(found).toEqual({
      v3: ONCE,
      'v3 with ETags': { ...ONCE, ...Object.fromEntries(SUMMED.map(fault => [fault, 'exact 2'])) },
      sharded: { ...ONCE, ...PARTS },
      'sharded with ETags': { ...ONCE, ...PARTS, stale: 'CHANGED 1' }
    });
  }, 60_000);

  it(`${READS} faulted reads: exact pixels or a mark, wherever the fault can be told`, async () => {
    const random = dice(SEED);
    const image = await imageOf('v2', MADE_CODECS[0], 'uint8', 0);
    for (const way of ['plane', 'plate', 'open'] as const) {
      await pictureOf(way, image);
    }
    const done: IRead[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < READS) {
        done.push(await runOne(next++, random));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.info(table(done));
    expect(done.filter(({ result }) => result.came.startsWith('FAILED'))).toEqual([]);
    expect(done.filter(({ fault, result }) => fault === 'none' && result.came !== 'exact')).toEqual([]);
    expect(done.filter(read => read.result.came === 'WRONG' && detectable(read))).toEqual([]);
  }, 1_800_000);
});

function table(reads: readonly IRead[]): string {
  const count = (list: readonly IRead[], what: string): number =>
    list.filter(({ result }) => result.came.startsWith(what)).length;
  const row = (name: string, list: readonly IRead[]): string => {
    const told = list.filter(detectable);
    const codes = new Map<string, number>();
    list.forEach(({ result: { code } }) => code && codes.set(code, (codes.get(code) ?? 0) + 1));
    return [
      name.padEnd(15),
      list.length,
      count(list, 'exact'),
      count(list, 'marked') + count(list, 'absent'),
      `${count(told, 'WRONG')} of ${told.length}`,
      `${count(list, 'WRONG') - count(told, 'WRONG')} of ${list.length - told.length}`,
      [...codes].map(entry => entry.join(' ')).join(', ')
    ].join(' | ');
  };
  const hidden = new Map<string, number>();
  for (const read of reads.filter(({ result }) => result.came === 'WRONG')) {
    const kind = `${read.fault}${read.etags ? ' with ETags' : ''}, ${read.layout}: `;
    hidden.set(kind, (hidden.get(kind) ?? 0) + 1);
  }
  return [
    'fault | reads | exact | marked | wrong where it can be told | wrong where it cannot | failures',
    ...FAULTS.map((fault: Fault) =>
      row(
        fault,
        reads.filter(read => read.fault === fault)
      )
    ),
    'by way:',
    ...WAYS.map(way =>
      row(
        way,
        reads.filter(read => read.way === way)
      )
    ),
    'cannot be told, by kind:',
    ...[...hidden].map(([kind, times]) => `  ${kind}${times}`).sort()
  ].join('\n');
}
