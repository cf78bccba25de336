import { BioImageError, say } from '../../core';
import type { IBatchItem, ISessionTransport, IStoreInfo } from '../../entities';
import type { IResolved } from '../../stores';
import { answerItem, encodeFrame, MemoryTransport, streamOf } from '../../testing';
import { madeValue, makeImage } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpenEnvironment, type Route } from '../opening';

const OBJECTS = makeImage({
  axes: ['c', 'y', 'x'],
  levels: [
    { path: '0', shape: [2, 64, 64], chunks: [1, 32, 32], scale: [1, 1, 1] },
    { path: '1', shape: [2, 32, 32], chunks: [1, 32, 32], scale: [1, 2, 2] }
  ]
});
const BASE = 'https://data.example/bucket/image.zarr';
const VIEW = { width: 64, height: 64 };

/** The session's routes: `open` sends the documents and the coarsest level, as the server does. */
class OpeningTransport extends MemoryTransport implements ISessionTransport {
  opened = 0;
  refusal: BioImageError | null = null;
  /** Ends the stream before its last frame. */
  cut = false;
  documents = ['.zgroup', '.zattrs', '0/.zarray', '1/.zarray'];

  override async open(): Promise<ReadableStream<Uint8Array>> {
    this.opened += 1;
    if (this.refusal) {
      throw this.refusal;
    }
    const docs = [...this.documents, 'zarr.json'].map(key => {
      const bytes = OBJECTS.get(key);
      return encodeFrame({ type: 'doc', key, status: bytes ? 200 : 404 }, bytes);
    });
    const items: IBatchItem[] = ['1/0/0/0', '1/1/0/0'].map(key => ({ key }));
    const plan = encodeFrame({ type: 'plan' }, new TextEncoder().encode(JSON.stringify(items)));
    const chunks = items.map(({ key }) => encodeFrame({ type: 'chunk', key, status: 200 }, OBJECTS.get(key)));
    const frames = [...docs, plan, ...(this.cut ? [] : chunks)];
    return streamOf(this.cut ? frames : [...frames, encodeFrame({ end: frames.length })], 1000);
  }
}

/** A fetch over the objects; `down` fails as a browser does without network or CORS. */
function fetching(down = false): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const answer = async (input: string | URL | Request): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    if (down) {
      throw new TypeError('Failed to fetch');
    }
    const bytes = OBJECTS.get(url.replace(`${BASE}/`, ''));
    return bytes
      ? new Response(bytes.slice(), { headers: { 'Content-Length': String(bytes.length) } })
      : new Response(null, { status: 404 });
  };
  return { fetch: answer, asked };
}

function target(prefer: IStoreInfo['prefer'] | null, direct: string | undefined = BASE): IResolved {
  const id = 's';
  const store: IStoreInfo | null = prefer && {
    id,
    label: id,
    kind: 's3',
    prefixes: [],
    prefer,
    absentIs403: false,
    access: {}
  };
  return { uri: BASE, store, key: prefer ? 'image.zarr' : '', direct };
}

class Session extends OpeningTransport {
  override async batch(_store: string, items: readonly IBatchItem[]): Promise<ReadableStream<Uint8Array>> {
    this.batches.push([...items]);
    const within = new Map([...OBJECTS].map(([key, bytes]) => [`image.zarr/${key}`, bytes]));
    return streamOf([...items.map((item, i) => answerItem(within, i, item)), encodeFrame({ end: items.length })]);
  }
}

interface ITried {
  routes: Route[];
  open: () => ReturnType<typeof openImage>;
  session: Session;
  asked: string[];
}

function trying(
  prefer: IStoreInfo['prefer'] | null,
  options: { down?: boolean; direct?: string; noSession?: boolean } = {}
): ITried {
  const session = new Session(OBJECTS);
  const { fetch, asked } = fetching(options.down);
  const routes: Route[] = [];
  const env: IOpenEnvironment = {
    decoder: new InlineDecoder(),
    fetch,
    ...(!options.noSession && { transport: session })
  };
  const where = 'direct' in options ? { ...target(prefer), direct: options.direct } : target(prefer);
  return {
    routes,
    session,
    asked,
    open: () => openImage(where, VIEW, env, { route: route => void routes.push(route) }, new AbortController().signal)
  };
}

const refused = (job: Promise<unknown>): Promise<BioImageError> =>
  job.then(
    () => Promise.reject(new Error('opened')),
    (error: BioImageError) => error
  );

describe('opening through the session', () => {
  it('is one request until a finer level is asked for', async () => {
    const { open, session, routes, asked } = trying('session');
    const { pyramid, node, route, done } = await open();
    await done;
    expect([node.kind, route, routes]).toEqual(['image', 'session', ['session']]);
    const selection = { t: 0, z: 0, c: 1 };
    const tile = await pyramid?.levels[1].tileAt(0, 0, selection);
    expect([tile?.words[33], tile?.damaged]).toEqual([madeValue(1, [1, 1, 1]), undefined]);
    await pyramid?.contrast(0, 0, 0);
    expect([session.opened, session.batches, asked]).toEqual([1, [], []]);
    await pyramid?.levels[0].tileAt(0, 0, selection);
    // The tile's four chunks travel together.
    expect(session.batches.map(batch => batch.length)).toEqual([4]);
    expect(pyramid?.levels[0].value(40, 50, selection)).toBe(madeValue(0, [1, 50, 40]));
  });

  it('reads documents that the stream has left out', async () => {
    const { open, session } = trying('session');
    session.documents = ['.zgroup', '.zattrs'];
    expect((await open()).node.kind).toBe('image');
    expect(
      session.batches
        .flat()
        .map(item => item.key)
        .sort()
    ).toEqual(expect.arrayContaining(['image.zarr/0/.zarray', 'image.zarr/1/.zarray']));
  });

  it('reads by itself what a broken stream has not brought', async () => {
    const { open, session } = trying('session');
    session.cut = true;
    const { pyramid, done } = await open();
    await done;
    const tile = await pyramid?.levels[1].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    expect([tile?.words[0], session.batches.length]).toEqual([madeValue(1, [0, 0, 0]), 1]);
  });
});

describe('opening directly', () => {
  it('reads from the store alone', async () => {
    const { open, session, routes, asked } = trying('direct');
    const { pyramid, route } = await open();
    expect((await pyramid?.levels[1].tileAt(0, 0, { t: 0, z: 0, c: 0 }))?.words[0]).toBe(madeValue(1, [0, 0, 0]));
    expect([route, routes, session.opened, asked.every(url => url.startsWith(BASE))]).toEqual([
      'direct',
      ['direct'],
      0,
      true
    ]);
  });

  it('is the only way for an address without a store', async () => {
    const { open, session } = trying(null);
    expect([(await open()).route, session.opened]).toEqual(['direct', 0]);
  });
});

describe('an image that nobody here can decode', () => {
  const bz2 = new Map(OBJECTS);
  for (const key of ['0/.zarray', '1/.zarray']) {
    const document = JSON.parse(Buffer.from(OBJECTS.get(key) ?? []).toString()) as object;
    bz2.set(key, new TextEncoder().encode(JSON.stringify({ ...document, compressor: { id: 'bz2', level: 1 } })));
  }
  const fetching = async (input: string | URL | Request): Promise<Response> => {
    const bytes = bz2.get((input instanceof Request ? input.url : String(input)).replace(`${BASE}/`, ''));
    return bytes ? new Response(bytes.slice()) : new Response(null, { status: 404 });
  };
  const open = (where: IResolved, more: Partial<IOpenEnvironment> = {}): Promise<unknown> => {
    const env = { decoder: new InlineDecoder(), fetch: fetching, ...more };
    return openImage(where, VIEW, env, {}, new AbortController().signal);
  };

  it('is refused at once, with what could be done', async () => {
    const { code, message, hint } = await refused(open(target(null)));
    expect([code, message]).toEqual([
      'UNSUPPORTED',
      'This format is not supported: codec bz2; browsers lack it, and the session could decode it only from one of its own stores.'
    ]);
    expect(hint).toMatch(/operator .* add the store/);
  });

  it('is opened directly where the session knows the store, and decoded there', async () => {
    const decode: ISessionTransport['decode'] = async (_store, array, chunks) =>
      streamOf([
        ...chunks.map((_, i) =>
          encodeFrame({ i, status: 200 }, new Uint8Array(2048).fill(array.endsWith('/1') ? 7 : 1))
        ),
        encodeFrame({ end: chunks.length })
      ]);
    const session = Object.assign(new Session(OBJECTS), { decode });
    const opened = (await open(target('direct'), { transport: session })) as Awaited<ReturnType<typeof openImage>>;
    const tile = await opened.pyramid?.levels[1].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    expect([opened.route, tile?.damaged, tile?.words[5], session.batches]).toEqual(['direct', undefined, 0x0707, []]);
    opened.dispose();
  });
});

describe('nothing at an address', () => {
  it('may be hidden in a store that says so of all', async () => {
    const none = (async () => new Response(null, { status: 403 })) as typeof fetch;
    const where = target('direct');
    const store = where.store && { ...where.store, absentIs403: true };
    const env = { decoder: new InlineDecoder(), fetch: none };
    const error = await refused(openImage({ ...where, store }, VIEW, env, {}, new AbortController().signal));
    expect([error.code, error.hint]).toEqual([
      'NOT_FOUND',
      'Check the address. This store gives the same answer for data that are not public, or not yet.'
    ]);
  });
});

describe('the way of opening', () => {
  it('changes when the network fails, in both directions', async () => {
    const first = trying('session');
    first.session.refusal = new BioImageError('UPSTREAM_DOWN', say`The store is not answering.`);
    expect([(await first.open()).route, first.routes]).toEqual(['direct', ['session', 'direct']]);
    const second = trying('direct', { down: true });
    expect([(await second.open()).route, second.routes]).toEqual(['session', ['direct', 'session']]);
  }, 30_000);

  it.each(['NOT_FOUND', 'UPSTREAM_DENIED', 'UPSTREAM_BAD', 'PATH_DENIED', 'BAD_METADATA', 'SESSION_ENDED'] as const)(
    'stays after %s',
    async code => {
      const { open, session, routes, asked } = trying('session');
      session.refusal = new BioImageError(code, say`No.`);
      expect([(await refused(open())).code, routes, asked]).toEqual([code, ['session'], []]);
    }
  );

  it('tells both reasons when both fail', async () => {
    const { open, session } = trying('auto', { down: true });
    session.refusal = new BioImageError('UPSTREAM_DOWN', say`The store does not answer the server.`);
    const { code, message } = await refused(open());
    expect(code).toBe('UPSTREAM_DOWN');
    expect(message).toMatch(/Through this session: The store does not answer the server\..*Directly from the store: /);
  }, 30_000);

  it('is refused where there is none', async () => {
    expect((await refused(trying(null, { direct: undefined }).open())).code).toBe('STORE_DENIED');
    expect((await refused(trying('session', { direct: undefined, noSession: true }).open())).code).toBe('STORE_DENIED');
  });

  it('is given up with its signal', async () => {
    const session = new Session(OBJECTS);
    const never: ISessionTransport['open'] = (_store, _path, _view, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    Object.assign(session, { open: never });
    const leave = new AbortController();
    const job = openImage(
      target('session'),
      VIEW,
      { decoder: new InlineDecoder(), transport: session },
      {},
      leave.signal
    );
    setTimeout(() => leave.abort());
    expect((await refused(job)).name).toBe('AbortError');
  });
});
