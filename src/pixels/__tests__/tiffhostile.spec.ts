import { readdirSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { ByteLru } from '../../core';
import type { IImage } from '../../ngff';
import { MemoryStore } from '../../stores';
import { openTiff } from '../../tiff';
import { outcomeOf } from '../../testing/outcome';
import { greyTags, tiffBytes, type ITag } from '../../testing/tiffbytes';
import { folderStore, hasPython, makeTiffs } from '../../testing/tiffs';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';

const SIDE = 64;

/** A grey image of 64 × 64 in one strip of `data`. */
function compressed(scheme: number, data: Uint8Array, more: ITag[] = []): Uint8Array {
  const tags: ITag[] = [
    { tag: 259, type: 3, values: [scheme] },
    { tag: 279, type: 4, values: [data.length] }
  ];
  const kept = tags.filter(({ tag }) => more.every(other => other.tag !== tag));
  return tiffBytes([greyTags(SIDE, SIDE, [...kept, ...more])], data).bytes;
}

async function opened(bytes: Uint8Array): Promise<{ image: IImage; store: MemoryStore }> {
  const store = new MemoryStore({ 'a.tif': bytes });
  const image = await openTiff(store, 'a.tif');
  if (image.kind !== 'image') {
    throw new Error(image.kind);
  }
  return { image, store };
}

function readerOf(image: IImage, store: MemoryStore, level = 0): ChunkReader {
  return new ChunkReader(store, image.levels[level].array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 20));
}

/** Values of the first unit. */
async function first(bytes: Uint8Array): Promise<Uint8Array> {
  const { image, store } = await opened(bytes);
  const { words } = await readerOf(image, store).chunk([0, 0]);
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** LZW codes, most significant bit first, 9 bits each. */
function nineBits(codes: readonly number[]): Uint8Array {
  const bits = codes.map(code => code.toString(2).padStart(9, '0')).join('');
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], part => parseInt(part.padEnd(8, '0'), 2));
}

/** A baseline JPEG header of `width` × `height` grey pixels and a scan without data. */
function jpeg(width: number, height: number): Uint8Array {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const steps = [0xff, 0xdb, 0, 67, 0, ...new Array<number>(64).fill(1)];
  const codes = [0xff, 0xc4, 0, 20, 0, 1, ...new Array<number>(15).fill(0), 0];
  const frame = [0xff, 0xc0, 0, 11, 8, ...size, 1, 1, 0x11, 0];
  return Uint8Array.of(0xff, 0xd8, ...steps, ...codes, ...frame, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xff, 0xd9);
}

/** A Zstandard frame of one raw block without a content size, as streaming writers make them (RFC 8878). */
function zstdRaw(data: Uint8Array): Uint8Array {
  const head = (data.length << 3) | 1;
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, head & 255, (head >> 8) & 255, head >> 16, ...data);
}

const zeros = (length: number): Uint8Array => new Uint8Array(length);

describe('A damaged unit of a TIFF file', () => {
  it.each<[string, Uint8Array]>([
    ['64 MiB behind deflate', compressed(8, deflateSync(zeros(64 << 20)))],
    ['too little behind deflate', compressed(8, deflateSync(zeros(100)))],
    ['deflate that is none', compressed(8, zeros(100).fill(7))],
    ['too little behind LZW', compressed(5, nineBits([256, 65, 66, 257]))],
    ['an LZW code that was never made', compressed(5, nineBits([256, 65, 300, 257]))],
    ['an LZW code after the first that is none', compressed(5, nineBits([256, 300, 257]))],
    ['too little behind PackBits', compressed(32773, Uint8Array.of(0x81, 7))],
    ['too much behind Zstandard', compressed(50000, zstdRaw(zeros(5000)))],
    ['too little behind Zstandard', compressed(50000, zstdRaw(zeros(500)))],
    ['a JPEG picture of 65,535 × 65,535 pixels', compressed(7, jpeg(65535, 65535))],
    ['a JPEG picture without data', compressed(7, jpeg(SIDE, SIDE))],
    ['a JPEG picture of nothing', compressed(7, Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))],
    ['no JPEG picture', compressed(7, zeros(200).fill(0x55))],
    ['a strip that is too short', compressed(1, zeros(100))],
    ['a strip beyond the file', compressed(5, zeros(100), [{ tag: 273, type: 4, values: [1e6] }])],
    ['a strip longer than the file', compressed(5, zeros(100), [{ tag: 279, type: 4, values: [1e6] }])],
    ['a strip of 4 GiB', compressed(5, zeros(100), [{ tag: 279, type: 4, values: [2 ** 32 - 1] }])]
  ])('(%s) is named as damaged', async (_, bytes) => {
    const start = performance.now();
    expect(await outcomeOf(first(bytes))).toBe('BAD_CHUNK');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('is none where a Zstandard frame does not tell its length', async () => {
    const data = zeros(SIDE * SIDE).map((_, i) => i);
    expect(await first(compressed(50000, zstdRaw(data)))).toEqual(data);
  });

  it('is none where LZW or PackBits data goes on behind the last value', async () => {
    const run = Uint8Array.from({ length: 128 }, (_, i) => (i % 2 === 0 ? 0x81 : 9)); // 64 runs of 128 values
    expect(await first(compressed(32773, run))).toEqual(zeros(SIDE * SIDE).fill(9));
    const codes = [256, ...Array.from({ length: SIDE * SIDE + 100 }, (_, i) => (i % 200 === 199 ? 256 : 65)), 257];
    expect((await first(compressed(5, nineBits(codes))))[0]).toBe(65);
  });

  it('is absent where the file lists no bytes for it', async () => {
    const { image, store } = await opened(compressed(5, zeros(10), [{ tag: 279, type: 4, values: [0] }]));
    expect(await readerOf(image, store).chunk([0, 0])).toMatchObject({ absent: true });
  });
});

/** Deterministic numbers in [0, 1): a linear congruential generator. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const CUTS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 5_000 : 400;

(hasPython() ? describe : describe.skip)('Spoilt TIFF files', () => {
  it('open, or fail by name, and so do their pixels', async () => {
    const made = makeTiffs();
    const store = folderStore(made.folder);
    const names = readdirSync(made.folder).filter(
      name => /^(jpeg|order|pyramid|several|imagej|pages|plain-u2)/.test(name) && name.endsWith('.tif')
    );
    made.dispose();
    const next = random(20260101);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < CUTS; i++) {
      const name = names[Math.floor(next() * names.length)];
      const whole = await store.get(name);
      const bytes = spoilt(whole ?? zeros(0), next);
      const outcome = await outcomeOf(openAndRead(bytes));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const known = ['ok', 'BAD_METADATA', 'BAD_CHUNK', 'UNSUPPORTED', 'NOT_FOUND', 'TOO_LARGE', 'UPSTREAM_BAD'];
    expect([...outcomes.keys()].filter(outcome => !known.includes(outcome))).toEqual([]);
    expect(outcomes.get('ok') ?? 0).toBeLessThan(CUTS);
  }, 120_000);
});

/** Cut off, or with some bytes changed; half of the changes lie where the metadata usually is. */
function spoilt(whole: Uint8Array, next: () => number): Uint8Array {
  if (next() < 0.2) {
    return whole.slice(0, Math.floor(next() * whole.length));
  }
  const out = whole.slice();
  for (let changes = 1 + Math.floor(next() * 8); changes > 0; changes--) {
    const range = next() < 0.5 ? Math.min(400, out.length) : out.length;
    out[Math.floor(next() * range)] = next() < 0.3 ? 255 : Math.floor(next() * 256);
  }
  return out;
}

async function openAndRead(bytes: Uint8Array): Promise<void> {
  const store = new MemoryStore({ 'a.tif': bytes });
  const node = await openTiff(store, 'a.tif');
  const image = node.kind === 'collection' && node.series.length > 0 ? await openTiff(store, 'a.tif', 0) : node;
  if (image.kind === 'image') {
    const level = image.levels.length - 1;
    await readerOf(image, store, level).chunk(image.levels[level].array.shape.map(() => 0));
  }
}
