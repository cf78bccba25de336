import { isBioImageError } from '../../core';
import { MemoryStore, type IReadableStore } from '../../stores';
import { bytesOf } from '../../testing';
import { makeImage } from '../../testing/images';
import { greyTags, tiffBytes } from '../../testing/tiffbytes';
import { zipOf } from '../../testing/zips';
import { CONTAINERS, containedIn, type IContainer } from '../containers';

interface ISample {
  /** Names of such files. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  /** An address of an image in it, and one of nothing. */
  readonly inside: string;
  readonly nothing: string;
}

const IMAGE = makeImage({
  axes: ['y', 'x'],
  levels: [{ path: '0', shape: [8, 8], chunks: [8, 8], scale: [1, 1] }]
});

/** A new container needs a line here, or this does not compile. */
const SAMPLES: Readonly<Record<IContainer['id'], ISample>> = {
  zip: { names: ['a.zip', 'a.ozx', 'A.ZIP'], bytes: zipOf(IMAGE, 0, 'x.zarr/'), inside: 'x.zarr', nothing: 'y/z' },
  tiff: {
    names: ['a.tif', 'a.tiff', 'a.ome.tif', 'a.btf', 'a.tf2', 'a.tf8', 'a.svs', 'a.ndpi', 'a.scn', 'a.qptiff'],
    bytes: tiffBytes([greyTags(8, 8)], new Uint8Array(64)).bytes,
    inside: '0',
    nothing: '7'
  }
};

const never = new AbortController().signal;

it('has a sample of every container, each under its own id', () => {
  expect(CONTAINERS.map(({ id }) => id).sort()).toEqual(Object.keys(SAMPLES).sort());
});

describe.each(CONTAINERS.map(container => [container.id, container] as const))('a container: %s', (id, container) => {
  const { names, bytes, inside, nothing } = SAMPLES[id];
  const store = (content = bytes): IReadableStore => new MemoryStore({ [names[0]]: content });

  it('is known by its names, and by no name of another', () => {
    expect(names.map(name => containedIn(['x', name, 'y'])?.container.id)).toEqual(names.map(() => id));
    const others = CONTAINERS.filter(other => other !== container).flatMap(other => SAMPLES[other.id].names);
    const folders = ['a.zarr', names[0] + 'x', names[0].replace('.', ''), `${names[0]}.zarr`];
    expect([...others, ...folders].filter(name => container.names.test(name))).toEqual([]);
  });

  it.each(['', inside])('opens the image at %p', async inner => {
    const { node, server } = await container.open(store(), names[0], inner, never);
    expect([node.kind, node.kind === 'image' && node.levels[0].array.shape]).toEqual(['image', [8, 8]]);
    expect(typeof server.decode).toBe('function');
  });

  it('says with a next step what is not there: a place in the file, the file', async () => {
    const missing = [
      container.open(store(), names[0], nothing, never),
      container.open(new MemoryStore({}), 'no', '', never)
    ];
    for (const job of missing) {
      await expect(job).rejects.toMatchObject({ code: 'NOT_FOUND', hint: expect.stringMatching(/.{10}/) });
    }
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a page', bytesOf('<!doctype html><html></html>')],
    ['half of it', bytes.slice(0, bytes.length >> 1)]
  ])('refuses a file of %s by a code of its own', async (_, content) => {
    const error: unknown = await container.open(store(content), names[0], '', never).catch((reason: unknown) => reason);
    expect(isBioImageError(error) && error.code !== 'INTERNAL').toBe(true);
  });

  it('stops with the reason of its signal', async () => {
    const hanging: IReadableStore = {
      name: 'hanging',
      get: (_key, options) => waiting(options?.signal),
      getRange: (_key, _range, options) => waiting(options?.signal)
    };
    const controller = new AbortController();
    const job = container.open(hanging, names[0], '', controller.signal);
    controller.abort(new DOMException('left', 'AbortError'));
    await expect(job).rejects.toMatchObject({ name: 'AbortError' });
  });
});

function waiting(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
