import { ByteLru, isBioImageError } from '../../core';
import { readArray, type DataType } from '../../ngff';
import { DirectStore, withCoalescing, withRetry } from '../../stores';
import { detectable, dice, equal, imageOf, type IFaultedRead } from '../../testing/hostile/faultcampaign';
import { DTYPES, LAYOUTS, MADE_CODECS, type IFaultImage } from '../../testing/hostile/faultimages';
import { FAULTS, startFaultServer, type IFaultPlace, type IFaultServer } from '../../testing/hostile/faultserver';
import { StockStack } from '../../testing/hostile/stockhttp';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';

const READS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 10_000 : 1_000;
const AT_ONCE = 16;
/** Every how many-th read the stock stack does too: it takes longer, and a damaged length can keep it busy for seconds. */
const STOCK_EVERY = 4;
/** In ms: how long a silent store is waited for, where silence is the fault; a busy machine is given much longer. */
const [SHORT, LONG] = [200, 20_000];
const SEED = 20261127;

/** One faulted read and what came of it. */
interface IRead extends IFaultedRead {
  readonly dtype: DataType;
  ours: string;
  stock: string;
}

interface ITask {
  readonly image: IFaultImage;
  readonly chunk: number;
  readonly etags: boolean;
  /** In ms. */
  readonly patience: number;
}

const placeOf = (chunk: number): number[] => [chunk >> 1, chunk & 1];

async function readOurs(url: string, { image, chunk, etags, patience }: ITask): Promise<string> {
  const direct = new DirectStore(url, { timeouts: { first: patience, idle: patience } });
  const store = withCoalescing(withRetry(direct, { retries: 1, base: 1, cap: 2 }));
  try {
    if (etags) {
      await store.get(image.document.zarr_format === 2 ? '.zarray' : 'zarr.json'); // tells what the store's ETags are
    }
    const array = readArray('', image.document);
    const reader = new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 20));
    const { words, absent } = await reader.chunk(placeOf(chunk));
    return absent ? 'absent' : equal(words, image.chunks[chunk].expected) ? 'exact' : 'WRONG';
  } catch (error) {
    return isBioImageError(error) && error.code !== 'INTERNAL' ? 'marked' : `FAILED ${String(error)}`;
  }
}

async function readStock(stock: StockStack, url: string, { image, chunk, patience }: ITask): Promise<string> {
  const read = await stock.read(url, image.document.zarr_format === 2 ? 2 : 3, placeOf(chunk), patience);
  if (read === null) {
    return 'hangs';
  }
  return read.error !== undefined || !read.bytes
    ? 'error'
    : equal(read.bytes, image.chunks[chunk].expected)
      ? 'exact'
      : 'WRONG';
}

/** Every fault in turn, over everything else at random. */
async function runOne(number: number, random: () => number, server: IFaultServer, stack: StockStack): Promise<IRead> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const fault = FAULTS[number % FAULTS.length];
  const layout = fault === 'ignored Range' ? 'sharded' : pick(LAYOUTS);
  const format = layout === 'v2' ? 2 : 3;
  const codec = pick(MADE_CODECS.filter(({ formats }) => formats.includes(format)));
  const [dtype, at, etags, luck] = [pick(DTYPES), Math.floor(random() * 4), random() < 0.5, random()];
  const times = random() < 0.5 ? Infinity : 1;
  const other = (at + 1 + Math.floor(random() * 3)) % 4;
  const [now, before] = await Promise.all([imageOf(layout, codec, dtype, 0), imageOf(layout, codec, dtype, 1)]);
  const place = (): IFaultPlace => ({
    objects: now.objects,
    older: before.objects,
    fault,
    key: now.chunks[at].key,
    other: now.chunks[other].key,
    range: now.chunks[at].range,
    otherRange: now.chunks[other].range,
    times,
    etags,
    dice: luck
  });
  const task = { image: now, chunk: at, etags, patience: fault === 'slow' ? SHORT : LONG };
  const [ours, stock] = await Promise.all([
    readOurs(server.add(place()), task),
    number % STOCK_EVERY === 0 ? readStock(stack, server.add(place()), task) : ''
  ]);
  return { layout, codec, dtype, fault, etags, ours, stock };
}

/** Reads every codec once by both, so that loading them is over before anything is timed. */
async function loaded(server: IFaultServer, stack: StockStack): Promise<void> {
  for (const codec of MADE_CODECS) {
    const image = await imageOf(codec.formats[0] === 2 ? 'v2' : 'v3', codec, 'uint16', 0);
    const { objects, chunks } = image;
    const [{ key }] = chunks;
    const place = { objects, older: objects, fault: 'none', key, other: key, times: 0, etags: false, dice: 0 } as const;
    const task = { image, chunk: 0, etags: false, patience: LONG };
    await readOurs(server.add(place), task);
    await readStock(stack, server.add(place), task);
  }
}

function table(reads: readonly IRead[]): string {
  const count = (list: readonly IRead[], who: 'ours' | 'stock', what: string): number =>
    list.filter(read => read[who].startsWith(what)).length;
  const rows = FAULTS.map(fault => {
    const list = reads.filter(read => read.fault === fault);
    const told = list.filter(detectable);
    const stock = ['exact', 'error', 'hangs', 'WRONG'].map(what => count(list, 'stock', what));
    return [
      fault.padEnd(15),
      list.length,
      count(list, 'ours', 'exact'),
      count(list, 'ours', 'marked') + count(list, 'ours', 'absent'),
      `${count(told, 'ours', 'WRONG')} of ${told.length}`,
      `${count(list, 'ours', 'WRONG') - count(told, 'ours', 'WRONG')} of ${list.length - told.length}`,
      stock.join(' / ')
    ].join(' | ');
  });
  const hidden = new Map<string, number>();
  for (const read of reads.filter(({ ours }) => ours === 'WRONG')) {
    const kind = `${read.fault}${read.etags ? ' with ETags' : ''}, ${read.layout}: `;
    hidden.set(kind, (hidden.get(kind) ?? 0) + 1);
  }
  return [
    'fault | reads | exact | marked | wrong where it can be told | wrong where it cannot | zarrita, every 4th: exact / error / hangs / WRONG',
    ...rows,
    'cannot be told, by kind:',
    ...[...hidden].map(([kind, times]) => `  ${kind}${times}`).sort()
  ].join('\n');
}

describe('chunks over a line that lies', () => {
  it(`${READS} faulted reads: exact pixels or a mark, wherever the fault can be told`, async () => {
    const server = await startFaultServer();
    const stack = new StockStack();
    await loaded(server, stack);
    const random = dice(SEED);
    const reads: IRead[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < READS) {
        reads.push(await runOne(next++, random, server, stack));
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    } finally {
      await stack.close();
      await server.close();
    }
    console.info(table(reads));
    expect(reads.filter(({ ours }) => ours.startsWith('FAILED'))).toEqual([]);
    expect(reads.filter(({ fault, ours }) => fault === 'none' && ours !== 'exact')).toEqual([]);
    expect(reads.filter(read => read.ours === 'WRONG' && detectable(read))).toEqual([]);
  }, 600_000);
});
