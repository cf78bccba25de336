import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { bytesOf, outcomeOf, storeContract } from '../../testing';
import { makeZip, zipOf, type IMadeEntry, type IMadeZip } from '../../testing/zips';
import { projectPython } from '../../testing/sessionserver';
import { MemoryStore } from '../memory';
import { withTrace } from '../trace';
import type { IReadableStore } from '../types';
import { openZip, topFolders, type IZip } from '../zip';
import { reading } from '../../testing/reading';

const filler = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31) % 251);
/** Compared here, because the matcher is slow for large arrays. */
const same = (got: Uint8Array | undefined, wanted: Uint8Array): boolean => !!got && Buffer.compare(got, wanted) === 0;
const noise = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface IOpenedZip extends IZip {
  /** Ranges read of the archive, `start-end` or `-suffix`. */
  reads: string[];
}

async function open(archive: Uint8Array, name = 'a.zip'): Promise<IOpenedZip> {
  const reads: string[] = [];
  const file = withTrace(new MemoryStore({ [name]: archive }), {
    started: (_, range) =>
      void reads.push(range ? ('suffix' in range ? `-${range.suffix}` : `${range.start}-${range.end}`) : 'all'),
    ended: () => undefined
  });
  return { ...(await openZip(file, name)), reads };
}

const made = (entries: readonly IMadeEntry[], options?: IMadeZip): Promise<IOpenedZip> =>
  open(makeZip(entries, options));

for (const method of [0, 8] as const) {
  storeContract(`ZipStore (${method === 0 ? 'stored' : 'deflated'})`, async objects => ({
    store: (await open(zipOf(objects, method))).store
  }));
}

describe('an archive', () => {
  it('is opened with one read where its directory is small', async () => {
    const { reads, names } = await made([{ name: 'zarr.json', bytes: bytesOf('{}') }]);
    expect([reads, [...names]]).toEqual([['-65634'], ['zarr.json']]);
  });

  it('is opened with two reads where its directory is large', async () => {
    const entries = Array.from({ length: 3000 }, (_, i) => ({ name: `0/c/0/${i}`, bytes: filler(30, i) }));
    const { reads, names, store } = await made(entries);
    expect([reads.length, names.size]).toEqual([2, 3000]);
    expect(await store.get('0/c/0/2718')).toEqual(filler(30, 2718));
  });

  it('gives a file with one read, its local header included', async () => {
    const extra = Uint8Array.of(0x55, 0x54, 5, 0, 1, 0, 0, 0, 0);
    const { reads, store } = await made([
      { name: 'a', bytes: filler(70_000) },
      { name: 'b', bytes: filler(500, 2), method: 8, localExtra: extra, descriptor: true },
      { name: 'c', bytes: filler(90_000, 3), localExtra: new Uint8Array(40) }
    ]);
    reads.length = 0;
    expect(same(await store.get('a'), filler(70_000))).toBe(true);
    expect(same(await store.get('b'), filler(500, 2))).toBe(true);
    expect(same(await store.get('c'), filler(90_000, 3))).toBe(true);
    expect(reads).toHaveLength(3);
  });

  it('maps parts of a stored file to parts of the archive, and learns where it begins', async () => {
    const body = noise(400_000);
    const [name, localExtra] = ['0/c/0', new Uint8Array(28)];
    const { reads, store } = await made([
      { name: 'first', bytes: filler(40_000), localExtra },
      { name, bytes: body, localExtra },
      { name: 'last', bytes: filler(100_000, 4), localExtra }
    ]);
    await store.get('first');
    reads.length = 0;
    expect(same(await store.getRange(name, { start: 100_000, end: 100_100 }), body.subarray(100_000, 100_100))).toBe(
      true
    );
    // The header and, on a guess by the file before, the part: at once.
    expect(reads).toHaveLength(2);
    expect(same(await store.getRange(name, { suffix: 68 }), body.subarray(-68))).toBe(true);
    expect(reads).toHaveLength(3);
    expect(same(await store.getRange(name, { start: 399_990, end: 500_000 }), body.subarray(-10))).toBe(true);
  });

  it('reads again where the guess was wrong', async () => {
    const body = noise(300_000);
    const { store } = await made([{ name: 'x', bytes: body, localExtra: new Uint8Array(1000) }]);
    expect(same(await store.getRange('x', { start: 299_000, end: 300_000 }), body.subarray(299_000))).toBe(true);
    const again = await made([{ name: 'x', bytes: body, localExtra: new Uint8Array(1000) }]);
    expect(same(await again.store.get('x'), body)).toBe(true);
  });

  it('unpacks a deflated file once for all of its parts', async () => {
    const { reads, store } = await made([{ name: 'x', bytes: filler(100_000), method: 8 }]);
    reads.length = 0;
    const ranges = [0, 1, 2, 3].map(i => store.getRange('x', { start: i * 1000, end: i * 1000 + 10 }));
    expect(await Promise.all(ranges)).toEqual([0, 1, 2, 3].map(i => filler(100_000).subarray(i * 1000, i * 1000 + 10)));
    await store.getRange('x', { suffix: 5 });
    expect(reads).toHaveLength(1);
  });

  it('may be zip64, commented, behind a program, and large at that', async () => {
    const options = { zip64: true, comment: bytesOf('x'.repeat(65_535)), prefix: noise(3000) };
    const small = await made([{ name: 'é/β', bytes: filler(9), zip64: true }], options);
    expect(await small.store.get('é/β')).toEqual(filler(9));
    const entries = Array.from({ length: 2500 }, (_, i) => ({ name: `n/${i}`, bytes: filler(20, i), zip64: true }));
    const large = await made(entries, { ...options, zip64: true });
    expect(await large.store.get('n/77')).toEqual(filler(20, 77));
  });

  it('finds what stands before it when the first file is not where it should be', async () => {
    // Too large for the first read to hold all, the directory in it: the prefix cannot be known yet.
    const { store } = await made(
      [
        { name: 'x', bytes: noise(200_000) },
        { name: 'y', bytes: filler(50) }
      ],
      {
        prefix: noise(70_000)
      }
    );
    expect(await store.get('y')).toEqual(filler(50));
    expect(await store.getRange('x', { start: 5, end: 6 })).toHaveLength(1);
  });

  it('finds it for all who read at the time, and for whom the first read is of a part', async () => {
    const [x, y, z] = [noise(200_000), filler(50), filler(60, 2)];
    const files = [x, y, z].map((bytes, i) => ({ name: 'xyz'[i], bytes }));
    const { store } = await made(files, { prefix: noise(70_000) });
    const [part, ...small] = await Promise.all([
      store.getRange('x', { start: 100_000, end: 100_400 }),
      store.get('y'),
      store.get('z')
    ]);
    expect(small).toEqual([y, z]);
    expect(same(part, x.subarray(100_000, 100_400))).toBe(true);
  });

  it('takes the last of two files of one name, and says so', async () => {
    const { store, notices } = await made([
      { name: 'zarr.json', bytes: bytesOf('{"old":1}') },
      { name: 'zarr.json', bytes: bytesOf('{"new":1}') }
    ]);
    expect(Buffer.from((await store.get('zarr.json')) ?? []).toString()).toBe('{"new":1}');
    expect(notices.map(String)).toEqual(['1 files of the archive are in it more than once; the last one counts.']);
  });

  it('reads names in UTF-8 with and without the mark, in code page 437, with backslashes of DOS', async () => {
    const { names } = await made([
      { name: 'größe/µ', bytes: filler(1) },
      { name: bytesOf('ohne/é'), bytes: filler(1) },
      { name: Uint8Array.of(0x84, 0x2f, 0xe6), bytes: filler(1) },
      { name: 'a\\b', bytes: filler(1), host: 0 },
      { name: './dot/zarr.json', bytes: filler(1) }
    ]);
    expect([...names]).toEqual(['größe/µ', 'ohne/é', 'ä/µ', 'a/b', 'dot/zarr.json']);
  });

  it('takes backslashes for slashes where no name has a slash, whoever made it', async () => {
    const names = ['.zgroup', '0\\', '0\\.zarray', '0\\0.0'];
    const { store, names: found, notices } = await made(names.map(name => ({ name, bytes: bytesOf(name) })));
    expect([[...found], notices]).toEqual([['.zgroup', '0/.zarray', '0/0.0'], []]);
    expect(Buffer.from((await store.get('0/.zarray')) ?? []).toString()).toBe('0\\.zarray');
    const mixed = await made(['a/b', 'c\\d'].map(name => ({ name, bytes: bytesOf(name) })));
    expect([[...mixed.names], mixed.notices]).toEqual([['a/b'], [reading(/^1 files .* left out/)]]);
    const out = await made(['a\\..\\..\\x', 'b'].map(name => ({ name, bytes: bytesOf(name) })));
    expect([[...out.names], out.notices]).toEqual([['b'], [reading(/^1 files .* left out/)]]);
  });

  it('leaves out names that lead out of it', async () => {
    const bad = ['../x', '/etc/passwd', 'a/../../x', '%2e%2e/x', 'C:\\..\\x', 'a\0b', 'a//b'];
    const { store, names, notices } = await made([...bad, 'good'].map(name => ({ name, bytes: filler(3) })));
    expect([...names]).toEqual(['good']);
    expect(notices.map(String)).toEqual(['7 files of the archive are left out: their names lead out of it.']);
    expect(await store.get('good')).toEqual(filler(3));
  });
});

const X = { name: 'x', bytes: filler(2000) };
const FAULTS: readonly [text: string, archive: () => Uint8Array, code: string, words: RegExp][] = [
  ['an encrypted file', () => makeZip([{ ...X, flags: 1 }]), 'UNSUPPORTED', /encrypted/],
  ['LZMA', () => makeZip([{ ...X, method: 14 }]), 'UNSUPPORTED', /method LZMA/],
  ['Zstandard', () => makeZip([{ ...X, method: 93 }]), 'UNSUPPORTED', /method Zstandard/],
  ['a wrong checksum', () => makeZip([{ ...X, crc: 5 }]), 'BAD_CHUNK', /checksum/],
  ['a wrong checksum of a deflated file', () => makeZip([{ ...X, crc: 5, method: 8 }]), 'BAD_CHUNK', /checksum/],
  [
    'a deflated file that is longer than it says',
    () => makeZip([{ ...X, size: 1999, method: 8 }]),
    'BAD_CHUNK',
    /more than/
  ],
  [
    'a deflated file that is shorter than it says',
    () => makeZip([{ ...X, size: 2001, method: 8 }]),
    'BAD_CHUNK',
    /2000 of 2001/
  ],
  ['a stored file of another size', () => makeZip([{ ...X, size: 1 }]), 'BAD_CHUNK', /size/],
  [
    'a claim beyond what deflate can do',
    () => makeZip([{ ...X, size: 2 ** 31, method: 8 }]),
    'BAD_CHUNK',
    /cannot be true/
  ],
  [
    'a file above the bound of one read',
    () => makeZip([{ name: 'x', bytes: noise(80_000), size: 80_000_000, method: 8 }]),
    'TOO_LARGE',
    /77 MiB in one piece; 64 MiB/
  ],
  ['another name in the local header', () => makeZip([{ ...X, localName: 'y' }]), 'BAD_CHUNK', /contradicts/],
  [
    'a header that is another file',
    () =>
      makeZip([
        { name: 'y', bytes: filler(9) },
        { ...X, header: 0 }
      ]),
    'BAD_CHUNK',
    /same bytes/
  ],
  [
    'files over one another',
    () =>
      makeZip([
        { name: 'y', bytes: joinedZip() },
        { ...X, header: 31 }
      ]),
    'BAD_CHUNK',
    /same bytes/
  ],
  ['a directory beyond the file', () => makeZip([X], { shift: 5_000_000 }), 'BAD_CHUNK', /not where it should be/],
  ['a directory before the file', () => makeZip([X], { shift: -40 }), 'BAD_CHUNK', /not where|contradicts|damaged/],
  ['fewer files than it says', () => makeZip([X], { more: 1 }), 'BAD_CHUNK', /incomplete/],
  ['a file cut off', () => makeZip([X]).subarray(0, 1500), 'BAD_CHUNK', /cut off/],
  ['an empty file', () => new Uint8Array(0), 'BAD_CHUNK', /cut off/],
  ['no archive at all', () => filler(100_000), 'UNSUPPORTED', /no zip archive/],
  ['a spoilt directory', () => spoilt(), 'BAD_CHUNK', /directory/]
];

/** A file whose bytes are an archive's local file: both could be read at one place. */
function joinedZip(): Uint8Array {
  return makeZip([X]);
}

function spoilt(): Uint8Array {
  const archive = makeZip([X]);
  archive[archive.length - 22 - 47 + 28] = 200;
  return archive;
}

describe('a bad archive', () => {
  it.each(FAULTS)('is refused with its reason: %s', async (_text, archive, code, words) => {
    const failure = await open(archive())
      .then(({ store }) => store.get('x'))
      .then(
        () => null,
        (error: unknown) => error
      );
    expect(failure).toMatchObject({ code, message: expect.stringMatching(words), hint: expect.stringMatching(/\w/) });
  });

  it('that is not there is not found', async () => {
    expect(await outcomeOf(openZip(new MemoryStore({}), 'a.zip'))).toBe('NOT_FOUND');
  });

  it('fails the same way with every byte of its directory changed, and never gives other bytes', async () => {
    const archive = makeZip([
      { name: 'x', bytes: filler(300) },
      { name: 'y', bytes: filler(200, 2), method: 8 }
    ]);
    let wrong = 0;
    for (let at = 0; at < archive.length; at++) {
      for (const change of [at % 2 === 0 ? 1 : 128]) {
        const changed = archive.slice();
        changed[at] ^= change;
        try {
          const { store, names } = await open(changed);
          for (const [name, bytes] of [
            ['x', filler(300)],
            ['y', filler(200, 2)]
          ] as const) {
            const got = names.has(name) ? await store.get(name) : bytes;
            wrong += Buffer.compare(got ?? bytes, bytes) === 0 ? 0 : 1;
          }
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) {
            throw error;
          }
        }
      }
    }
    expect(wrong).toBe(0);
  });

  it('of a vanished file has changed', async () => {
    const objects = new Map([['a.zip', makeZip([X])]]);
    const { store } = await openZip(new MemoryStore(objects), 'a.zip');
    objects.clear();
    expect(await outcomeOf(store.get('x'))).toBe('CHANGED');
  });
});

describe('the top of an archive', () => {
  it.each<[string[], string, boolean]>([
    [['zarr.json', '0/zarr.json'], '', true],
    [['a.zarr/.zattrs', 'a.zarr/0/.zarray'], ', a.zarr', true],
    [['a/b/.zgroup', 'a/b/0/0', '__MACOSX/a/._b', 'a/.DS_Store'], ', a, a/b', true],
    [['a/zarr.json', 'b/zarr.json'], '', false],
    [['readme.txt', 'a/zarr.json'], '', false],
    [['a/x.tif', 'a/y.tif'], ', a', false],
    [['x'], '', false],
    [[], '', false]
  ])('of %j is %j', (names, folders, zarr) => {
    const found = topFolders(new Set(names));
    expect([found.folders.join(', '), found.zarr]).toEqual([folders, zarr]);
  });
});

const python = projectPython();
(python ? describe : describe.skip)('an archive of Python', () => {
  const script = `
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as z:
    z.writestr("stored", bytes(range(256)) * 300)
    z.writestr(zipfile.ZipInfo("deflated"), b"abc" * 9000, zipfile.ZIP_DEFLATED)
    with z.open(zipfile.ZipInfo("streamed"), "w", force_zip64=True) as f: f.write(b"s" * 70000)
    z.writestr("folder/grö", b"x"); z.mkdir("empty")
    z.comment = b'{"ome": {"version": "0.5"}}'
sys.stdout.buffer.write(out.getvalue())`;

  it('reads as it was written', async () => {
    const archive = new Uint8Array(execFileSync(python ?? '', ['-c', script]));
    const { store, names } = await open(archive);
    const read = async (s: IReadableStore, name: string): Promise<number | undefined> => (await s.get(name))?.length;
    expect([...names]).toEqual(['stored', 'deflated', 'streamed', 'folder/grö']);
    expect(await Promise.all([...names].map(name => read(store, name)))).toEqual([76_800, 27_000, 70_000, 1]);
    expect(await store.getRange('streamed', { start: 69_990, end: 70_000 })).toEqual(new Uint8Array(10).fill(115));
  });
});
