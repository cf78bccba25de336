import { openNode } from '../../ngff';
import { MemoryStore, SessionStore, withCache, type IBatchItem, type IReadableStore } from '../../stores';
import { answerItem, encodeFrame } from '../../testing';
import { madeValue, makeImage } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { Pyramid } from '../pyramid';

const FULL = process.env.BIOIMAGE_CAMPAIGN === 'full';
const VIEWS = FULL ? 2000 : 200;
const DELAY = FULL ? 100 : 10; // ms of every answer
const SEED = 20261127;

/** t, c, z, y, x; z is halved on the coarser level, y by 3. */
const SHAPES = [
  [2, 3, 16, 96, 96],
  [2, 3, 8, 32, 48]
];
const OBJECTS = makeImage({
  axes: ['t', 'c', 'z', 'y', 'x'],
  levels: [
    { path: '0', shape: SHAPES[0], chunks: [1, 1, 1, 40, 48], scale: [1, 1, 1, 1, 1] },
    { path: '1', shape: SHAPES[1], chunks: [1, 1, 1, 32, 32], scale: [1, 1, 2, 3, 2] }
  ]
});

/** What became of a read on the far side: its key, and whether it was stopped before its answer had gone. */
interface IRead {
  readonly key: string;
  stopped: boolean;
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** A store far away: every answer takes `DELAY`. */
function distant(reads: IRead[]): IReadableStore {
  const memory = new MemoryStore(OBJECTS);
  const wait = async (key: string, signal: AbortSignal | undefined): Promise<void> => {
    const read: IRead = { key, stopped: false };
    reads.push(read);
    const end = pause(DELAY);
    await Promise.race([end, new Promise<void>(resolve => signal?.addEventListener('abort', () => resolve()))]);
    read.stopped = signal?.aborted ?? false;
    signal?.throwIfAborted();
  };
  return {
    name: 'distant',
    get: async (key, options) => {
      await wait(key, options?.signal);
      return memory.get(key, options);
    },
    getRange: async (key, range, options) => {
      await wait(key, options?.signal);
      return memory.getRange(key, range, options);
    }
  };
}

/** The same through a session: a batch answers after `DELAY`, and stops with its signal. */
function distantSession(reads: IRead[]): IReadableStore {
  const batch = async (
    _store: string,
    items: readonly IBatchItem[],
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>> => {
    const own = items.map(({ key }): IRead => ({ key, stopped: false }));
    reads.push(...own);
    return new ReadableStream({
      async start(controller) {
        await pause(DELAY);
        if (signal.aborted) {
          own.forEach(read => (read.stopped = true));
          controller.error(signal.reason);
          return;
        }
        items.forEach((item, i) => controller.enqueue(answerItem(OBJECTS, i, item)));
        controller.enqueue(encodeFrame({ end: items.length }));
        controller.close();
      }
    });
  };
  return new SessionStore({ open: () => Promise.reject(new Error('not here')), batch }, 's', '');
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.each([
  ['a store', distant],
  ['a session', distantSession]
])(`${VIEWS} views over ${DELAY} ms to %s`, (name, make) => {
  it('show no wrong pixel, and what was skipped is stopped on the far side', async () => {
    const reads: IRead[] = [];
    const store = withCache(make(reads), 64 << 10);
    const image = await openNode(store, undefined, { speculate: false });
    if (image.kind !== 'image') {
      throw new Error(image.kind);
    }
    const pyramid = new Pyramid(image, store, new InlineDecoder(), 1 << 20);
    const random = randoms(SEED);
    const below = (limit: number): number => Math.floor(random() * limit);
    let [wrong, pixels, failed, begun, stopped, skipped] = [0, 0, 0, 0, 0, 0];

    /** One view: some channels of a rectangle. Counts its wrong pixels unless it is left. */
    const show = async (level: number, t: number, z: number, signal?: AbortSignal): Promise<void> => {
      const [, channels, planes, height, width] = SHAPES[level];
      const [x0, y0] = [below(width - 16), below(height - 16)];
      const area = { x0, y0, x1: x0 + 16 + below(width - x0 - 16), y1: y0 + 16 + below(height - y0 - 16) };
      const shown = Array.from({ length: channels }, (_, c) => c).filter(() => random() < 0.6);
      await Promise.all(
        shown.map(async c => {
          const tile = await pyramid.levels[level].area(area, { t, z, c }, signal);
          failed += tile.damaged ? 1 : 0;
          const atLevel = Math.min(planes - 1, level === 0 ? z : z >> 1);
          for (let y = 0; y < tile.height; y++) {
            for (let x = 0; x < tile.width; x++) {
              const value = madeValue(level, [t, c, atLevel, y0 + y, x0 + x]);
              wrong += tile.words[y * tile.width + x] === value ? 0 : 1;
            }
          }
          pixels += tile.width * tile.height;
        })
      );
    };

    for (let view = 0; view < VIEWS; view++) {
      const [level, t, z] = [below(2), below(2), below(16)];
      if (random() < 0.5) {
        // A hand runs over the slider: every slice but the last is left before its answer can have come.
        const before = reads.length;
        const passed = new Set<number>();
        for (let step = 0; step < 4; step++) {
          const other = (z + 2 + 2 * below(7)) % 16;
          passed.add(level === 0 ? other : other >> 1);
          const leave = new AbortController();
          const left = show(level, t, other, leave.signal).catch((error: unknown) => {
            if (!leave.signal.aborted) {
              throw error;
            }
          });
          await pause(random() * DELAY * 0.4);
          leave.abort();
          await left;
          skipped += 1;
        }
        await show(level, t, z);
        await pause(DELAY + 2); // what goes on would have its answer by now
        const own = reads.slice(before).filter(({ key }) => passed.has(Number(key.split('/')[3])));
        begun += own.length;
        stopped += own.filter(read => read.stopped).length;
      } else {
        await show(level, t, z);
      }
    }
    const share = stopped / begun;
    console.info(
      `${name}: ${VIEWS} views, ${pixels} pixels, ${wrong} wrong, ${skipped} slices skipped, ` +
        `${begun} of their reads begun, ${stopped} stopped (${(100 * share).toFixed(1)} %)`
    );
    expect([wrong, failed, pyramid.pending]).toEqual([0, 0, 0]);
    expect(pixels).toBeGreaterThan(VIEWS * 256);
    expect(begun).toBeGreaterThan(VIEWS / 4);
    expect(share).toBeGreaterThanOrEqual(0.9);
  }, 900_000);
});
