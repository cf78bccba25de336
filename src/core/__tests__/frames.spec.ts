import { encodeFrame, FrameSource, streamOf } from '../../testing';
import { isBioImageError, readFrames, type IFrame } from '..';

async function collect(stream: ReadableStream<Uint8Array>): Promise<IFrame[]> {
  const frames: IFrame[] = [];
  for await (const frame of readFrames(stream)) {
    frames.push(frame);
  }
  return frames;
}

async function codeOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const error: unknown = await collect(stream).catch((reason: unknown) => reason);
  return isBioImageError(error) ? error.code : 'no failure';
}

const FRAMES = [
  encodeFrame({ type: 'preview' }, Uint8Array.of(1, 2, 3)),
  encodeFrame({ type: 'doc', key: 'é/🔬' }),
  encodeFrame(
    { type: 'chunk' },
    Uint8Array.from({ length: 300 }, (_, i) => i & 255)
  ),
  encodeFrame({ end: 3 })
];

const raw = (length: number, text: string) => {
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.set(new TextEncoder().encode(text), 4);
  return bytes;
};

describe('readFrames', () => {
  it.each([1, 2, 3, 5, 64, 1000, Infinity])('reads the same frames from pieces of %d bytes', async size => {
    const frames = await collect(streamOf(FRAMES, size));
    expect(frames.map(frame => [frame.header.type, frame.header.key, frame.bytes.length])).toEqual([
      ['preview', undefined, 3],
      ['doc', 'é/🔬', 0],
      ['chunk', undefined, 300]
    ]);
    expect(frames[2].bytes[255]).toBe(255);
    // A body is a buffer of its own, so that it can be handed to a worker.
    expect(frames[2].bytes.buffer.byteLength).toBe(300);
  });

  it('takes a stream that ends at any byte but the last for a failure', async () => {
    const whole = Uint8Array.from(FRAMES.flatMap(frame => [...frame]));
    for (let length = 0; length < whole.length; length++) {
      expect([length, await codeOf(streamOf([whole.subarray(0, length)]))]).toEqual([length, 'UPSTREAM_BAD']);
    }
  });

  it.each([
    ['a wrong count', encodeFrame({ end: 1 })],
    ['a count that is none', encodeFrame({ end: '0' })],
    ['a header above 64 KiB', encodeFrame({ end: 0, pad: 'x'.repeat(65_536) })],
    ['a header that is no JSON', raw(4, '{bad')],
    ['a header that is no object', raw(2, '[]')],
    ['invalid UTF-8', Uint8Array.of(1, 0, 0, 0, 0xff)],
    ['a negative length', encodeFrame({ bytes: -1 })],
    ['a length with a fraction', encodeFrame({ bytes: 0.5 })],
    ['a body above 64 MiB', encodeFrame({ bytes: 64 * 2 ** 20 + 1 })],
    ['a login page', new TextEncoder().encode('<!DOCTYPE html><html></html>')]
  ])('refuses %s', async (_name, bytes) => {
    expect(await codeOf(streamOf([bytes]))).toBe('UPSTREAM_BAD');
  });

  it('does not take a part of an object for the end', async () => {
    const source = new FrameSource();
    source.write({ type: 'chunk', key: 'a', start: 0, end: 2 }, Uint8Array.of(1, 2));
    source.write({ i: 0, end: 2 });
    source.end();
    expect((await collect(source.stream)).map(({ header }) => header.end)).toEqual([2, 2]);
  });

  it('hands frames out as they come', async () => {
    const source = new FrameSource();
    const frames = readFrames(source.stream);
    source.write({ n: 0 });
    expect((await frames.next()).value).toMatchObject({ header: { n: 0 } });
    source.write({ n: 1 });
    expect((await frames.next()).value).toMatchObject({ header: { n: 1 } });
    source.end();
    expect((await frames.next()).done).toBe(true);
  });

  it('cancels the stream when its reader leaves', async () => {
    const source = new FrameSource();
    source.write({ n: 0 });
    for await (const frame of readFrames(source.stream)) {
      expect(frame.header.n).toBe(0);
      break;
    }
    expect(source.cancelled).toBe(true);
  });

  it('cancels the stream when the signal fires, also while it waits', async () => {
    const source = new FrameSource();
    const controller = new AbortController();
    const waiting = readFrames(source.stream, controller.signal).next();
    await new Promise(resolve => setTimeout(resolve, 0));
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(source.cancelled).toBe(true);
  });

  it('gives up on a stream from which nothing comes', async () => {
    const source = new FrameSource();
    const frames = readFrames(source.stream, undefined, 40);
    source.write({ n: 0 });
    expect((await frames.next()).value).toMatchObject({ header: { n: 0 } });
    await expect(frames.next()).rejects.toMatchObject({ code: 'UPSTREAM_SLOW' });
    expect(source.cancelled).toBe(true);
  });

  it('tells a connection that breaks from a stream that is wrong', async () => {
    const source = new FrameSource();
    const read = codeOf(source.stream);
    source.error(new TypeError('network error'));
    expect(await read).toBe('UPSTREAM_DOWN');
  });
});
