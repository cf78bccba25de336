import { BioImageError } from '../../core';
import type { IBatchItem, IStoreInfo } from '../../entities';
import { resolveUri } from '../../stores';
import { answerItem, bytesOf, encodeFrame, MemoryTransport, outcomeOf, streamOf } from '../../testing';
import { madeValue, makeImage } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened } from '../opening';

const LEVELS = [
  { path: '0', shape: [64, 64], chunks: [32, 32], scale: [1, 1] },
  { path: '1', shape: [32, 32], chunks: [32, 32], scale: [2, 2] }
];
const IMAGE = makeImage({ axes: ['y', 'x'], levels: LEVELS });
const PLANE = { t: 0, z: 0, c: 0 };
const id = 's';
const STORE: IStoreInfo = {
  id,
  label: id,
  kind: 's3',
  prefixes: [],
  prefer: 'session',
  absentIs403: false,
  access: {}
};

/** The image with labels: `lists` by path of the group of labels, an image for every path in `images`. */
function withLabels(lists: Record<string, unknown>, images: readonly string[]): Map<string, Uint8Array> {
  const objects = new Map([...IMAGE].map(([key, bytes]) => [`i.zarr/${key}`, bytes] as const));
  for (const [path, list] of Object.entries(lists)) {
    objects.set(`i.zarr/${path}/.zattrs`, typeof list === 'string' ? bytesOf(list) : bytesOf({ labels: list }));
  }
  for (const path of images) {
    IMAGE.forEach((bytes, key) => objects.set(`i.zarr/${path}/${key}`, bytes));
  }
  return objects;
}

/** The session's routes; what is read is recorded. */
class Session extends MemoryTransport {
  failing: string | null = null;

  constructor(private readonly _all: ReadonlyMap<string, Uint8Array>) {
    super(_all);
  }

  override async open(): Promise<ReadableStream<Uint8Array>> {
    const keys = ['.zgroup', '.zattrs', '0/.zarray', '1/.zarray', 'zarr.json'];
    const docs = keys.map(key => {
      const bytes = this._all.get(`i.zarr/${key}`);
      return encodeFrame({ type: 'doc', key, status: bytes ? 200 : 404 }, bytes);
    });
    return streamOf([...docs, encodeFrame({ end: docs.length })]);
  }

  override async batch(_store: string, items: readonly IBatchItem[]): Promise<ReadableStream<Uint8Array>> {
    this.batches.push([...items]);
    const frames = items.map((item, i) =>
      this.failing !== null && item.key.includes(this.failing)
        ? encodeFrame({ i, status: 502, code: 'UPSTREAM_DENIED', message: 'The store refused access.' })
        : answerItem(this._all, i, item)
    );
    return streamOf([...frames, encodeFrame({ end: items.length })]);
  }
}

async function open(objects: ReadonlyMap<string, Uint8Array>): Promise<{ opened: IOpened; session: Session }> {
  const session = new Session(objects);
  const env = { decoder: new InlineDecoder(), transport: session };
  const place = resolveUri('store:s/i.zarr', [STORE]);
  const opened = await openImage(place, { width: 64, height: 64 }, env, {}, new AbortController().signal);
  return { opened, session };
}

const keysOf = (session: Session): string[] => session.batches.flat().map(({ key }) => key);

describe('label images', () => {
  it('are not asked for before somebody wants them, and then in three rounds whatever their number', async () => {
    const names = ['nuclei', 'cells', 'tissue'];
    const { opened, session } = await open(
      withLabels(
        { labels: names },
        names.map(name => `labels/${name}`)
      )
    );
    await opened.pyramid?.levels[0].tileAt(0, 0, PLANE);
    expect(keysOf(session).filter(key => key.includes('labels'))).toEqual([]);
    const before = session.batches.length;
    const { labels, failed } = await opened.labels();
    expect([labels.map(({ name }) => name), failed]).toEqual([names, []]);
    expect(session.batches.length - before).toBe(3);
    expect(keysOf(session).filter(key => key.includes('zarr.json'))).toEqual([]);
    const again = await opened.labels();
    expect([again.labels === labels, session.batches.length - before]).toEqual([true, 3]);
  });

  it('have levels of their own', async () => {
    const { opened } = await open(withLabels({ labels: ['nuclei'] }, ['labels/nuclei']));
    const [{ pyramid, image }] = (await opened.labels()).labels;
    expect([image.kind, pyramid.levels.length]).toEqual(['image', 2]);
    const tile = await pyramid.levels[1].tileAt(0, 0, PLANE);
    expect([tile.damaged, tile.words[33]]).toEqual([undefined, madeValue(1, [1, 1])]);
    opened.dispose();
    expect(await outcomeOf(pyramid.levels[0].tileAt(0, 0, PLANE))).toBe('ABORTED');
  });

  it('are none where no list is, and that costs one request', async () => {
    const { opened, session } = await open(withLabels({}, []));
    expect([await opened.labels(), keysOf(session)]).toEqual([{ labels: [], failed: [] }, ['i.zarr/labels/.zattrs']]);
  });

  it('fail one by one', async () => {
    const objects = withLabels({ labels: ['good', 'gone', 'denied', 'odd', 'float'] }, [
      'labels/good',
      'labels/denied',
      'labels/odd',
      'labels/float'
    ]);
    objects.set('i.zarr/labels/odd/0/.zarray', bytesOf('{bad'));
    for (const level of [0, 1]) {
      const document = JSON.parse(Buffer.from(IMAGE.get(`${level}/.zarray`) ?? []).toString()) as object;
      objects.set(`i.zarr/labels/float/${level}/.zarray`, bytesOf({ ...document, dtype: '<f4' }));
    }
    const { opened, session } = await open(objects);
    session.failing = 'labels/denied';
    const { labels, failed } = await opened.labels();
    expect(labels.map(({ name }) => name)).toEqual(['good']);
    expect(failed.map(({ name, error }) => `${name} ${error.code}`)).toEqual([
      'gone NOT_FOUND',
      'denied UPSTREAM_DENIED',
      'odd BAD_METADATA',
      'float BAD_METADATA'
    ]);
  });

  it('are at most 64, and the rest is told', async () => {
    const names = Array.from({ length: 70 }, (_, i) => `l${i}`);
    const { opened } = await open(
      withLabels(
        { labels: names },
        names.slice(0, 64).map(name => `labels/${name}`)
      )
    );
    const { labels, failed } = await opened.labels();
    expect([labels.length, failed.map(({ name, error }) => [name, error.code, error.message])]).toEqual([
      64,
      [['l64', 'TOO_LARGE', 'Too many label images to show at once (6 more than the 64 that are read).']]
    ]);
  });

  it('may lie in lists of lists, of which twice the same and endless ones are cut', async () => {
    const lists: Record<string, unknown> = { labels: ['a', 'b', 'b'], 'labels/b': ['c'] };
    let path = 'labels/b/c';
    for (let depth = 0; depth < 20; depth++) {
      lists[path] = ['c'];
      path += '/c';
    }
    const { opened } = await open(withLabels(lists, ['labels/a']));
    const { labels, failed } = await opened.labels();
    expect(labels.map(({ name }) => name)).toEqual(['a']);
    expect(failed.map(({ name, error }) => [name.length, error.code])).toEqual([[17, 'BAD_METADATA']]);
  });

  it.each<[string, unknown]>([
    ['no list', '{"labels": 5}'],
    ['no JSON', '{bad'],
    ['a path that leads out', ['../0']],
    ['an address', ['./https:%2F%2Fevil.example%2Fx']]
  ])('reject where the list is %s, and are asked for anew then', async (_text, list) => {
    const objects = withLabels({ labels: list }, []);
    const { opened } = await open(objects);
    expect(await outcomeOf(opened.labels())).toMatch(/BAD_METADATA|PATH_DENIED/);
    objects.set('i.zarr/labels/.zattrs', bytesOf({ labels: [] }));
    // What has been read stays in the cache of the opening: the failure is the same, and no hang.
    expect(await outcomeOf(opened.labels())).toMatch(/BAD_METADATA|PATH_DENIED/);
  });

  it('stop with their consumer and with the opening', async () => {
    const { opened, session } = await open(withLabels({ labels: ['a'] }, ['labels/a']));
    const leave = new AbortController();
    const left = outcomeOf(opened.labels(leave.signal));
    leave.abort();
    expect(await left).toBe('ABORTED');
    expect((await opened.labels()).labels).toHaveLength(1);
    const other = await open(withLabels({ labels: ['a'] }, ['labels/a']));
    Object.assign(other.session, { batch: () => new Promise(() => undefined) });
    const job = outcomeOf(other.opened.labels());
    other.opened.dispose();
    expect(await job).toBe('ABORTED');
    expect(session).toBeInstanceOf(Session);
  });

  it('reject with what the store says of the list itself', async () => {
    const { opened, session } = await open(withLabels({ labels: ['a'] }, []));
    session.failing = 'labels/.zattrs';
    await expect(opened.labels()).rejects.toBeInstanceOf(BioImageError);
    session.failing = null;
    expect((await opened.labels()).failed.map(({ name }) => name)).toEqual(['a']);
  });
});
