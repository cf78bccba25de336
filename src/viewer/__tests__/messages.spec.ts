import { nullTranslator } from '@jupyterlab/translation';
import type { IImage } from '../../ngff';
import { Messages } from '../stage/messageboard';
import type { IMessagesOptions } from '../stage/messageboard';
import { oversizeMessage, pixellessMessage } from '../stage/messages';
import { reducedPart } from '../stage/reducedpart';
import type { Stage } from '../stage/stage';
import { fakeImage, FakePyramid } from './fakes';

const trans = nullTranslator.load('test');
const run = { read: () => undefined, reduce: () => undefined, stop: () => undefined };

/** One level of 16 bits, in square chunks; `channels` are one chunk each. */
function image(size: number, chunk: number, channels = 1): IImage {
  const level = { width: size, height: size, tile: [chunk, chunk] as [number, number], scale: 1, offset: 0 };
  return fakeImage({ levels: [level], dtype: 'uint16', channels: Array.from({ length: channels }, () => ({})) });
}

function partOf(size: number, chunk: number, box = [0, size, 0, size], channels = [0]) {
  const [top, bottom, left, right] = box;
  const level = new FakePyramid({ levels: [{ width: size, height: size, tile: [chunk, chunk], scale: 1, offset: 0 }] }).levels[0];
  return reducedPart(image(size, chunk, channels.length), level, channels, { left, right, top, bottom }, { width: 900, height: 700 });
}

describe('what a reduced picture shows', () => {
  it('is all of a view whose chunks may be decoded', () => {
    expect(partOf(60_000, 512, [0, 4096, 0, 8192])).toEqual({ part: [8192, 4096], view: [8192, 4096] });
  });

  it('is all of a larger one chunk by chunk, with what that costs', () => {
    const { part, view, sampled } = partOf(60_000, 1024);
    expect(part).toEqual(view);
    expect(sampled).toEqual({ bytes: 59 * 59 * 2 ** 21, seconds: 47 });
    // of chunks of 16 pixels one is read for every pixel of a picture of as many as may be
    const few = partOf(60_000, 16).sampled!.bytes / 512;
    expect(few).toBeLessThanOrEqual(32_768);
    expect(few).toBeGreaterThan(16_384);
  });

  it('is else a square around its middle that does not touch more chunks than may be', () => {
    const { part, view, sampled } = partOf(200_000, 4096);
    expect([view, sampled]).toEqual([[200_000, 200_000], undefined]);
    // chunks of 32 MiB: two may be read, and a square that leaves the one in the middle touches four
    expect(part[0]).toBe(part[1]);
    expect(part[0]).toBeGreaterThan(1000);
    expect(part[0]).toBeLessThanOrEqual(4096);
    expect(partOf(200_000, 512, undefined, [0, 1, 2, 3]).part[0]).toBeLessThan(partOf(200_000, 512).part[0]);
  });

  it('is nothing where one chunk is too much', () => {
    expect(partOf(60_000, 8192).part).toEqual([0, 0]);
  });
});

describe('messages over the image', () => {
  const over = { level: 0, bytes: 2 ** 33, coarsest: true, reduced: 'offered' as const };

  it('say before a reduced picture is asked for how little it would show', () => {
    const text = (part: [number, number]) => oversizeMessage({ ...over, extent: { part, view: [900, 800] } }, run, trans).text;
    expect(text([90, 80])).toContain('at most 64 MiB: it would show the middle 90 × 80 pixels of these 900 × 800 only.');
    expect(text([900, 800])).toMatch(/at most 64 MiB\.$/);
  });

  it('say what a picture costs that is made chunk by chunk, and while it is made how to stop that', () => {
    const extent = (seconds: number) => ({ part: [9, 9], view: [9, 9], sampled: { bytes: 7 * 2 ** 30, seconds } }) as const;
    expect(oversizeMessage({ ...over, extent: extent(47) }, run, trans).text).toContain('reads 7 GiB chunk by chunk and keeps every few pixels; that takes about 47 seconds.');
    const { text, actions } = oversizeMessage({ ...over, reduced: 'reading', extent: extent(150) }, run, trans);
    expect(text).toContain('7 GiB are read chunk by chunk, which takes about 3 minutes.');
    expect(actions.map(({ label }) => label)).toEqual(['Stop', expect.stringContaining('Read it anyway')]);
  });

  it('name the axes without a length', () => {
    expect(pixellessMessage(['y'], trans).text).toBe('This image has no pixels: its length along y is 0.');
    expect(pixellessMessage(['y', 'x'], trans).text).toBe('This image has no pixels: its lengths along y, x are 0.');
  });

  /** The words over the image, and those of its buttons. */
  function said(size: number, chunk: number): string[] {
    const texts: string[] = [];
    const levels = [{ width: size, height: size, tile: [chunk, chunk] as [number, number], scale: 1, offset: 0 }];
    const pyramid = new FakePyramid({ levels, dtype: 'uint16' }).real;
    const box = { left: 0, top: 0, right: size, bottom: size };
    const stage = { exact: false, causes: [], empty: false, model: { visible: [0] }, viewpoint: { box, unit: 1, whole: true, size: { width: 900, height: 700 } }, labels: { oversize: () => null } };
    const options = {
      view: null,
      pyramid,
      host: { trans },
      reduced: () => Promise.reject(new Error('not asked for')),
      planes: { oversize: () => (size > 0 ? { level: 0, bytes: size * size * 2 } : null) },
      overlay: { message: (text: string | null, ...actions: { label: string }[]) => texts.push(text ?? '', ...actions.map(({ label }) => label)) }
    };
    new Messages(stage as unknown as Stage, options as unknown as IMessagesOptions).show();
    return texts;
  }

  it('offer a reduced picture only where the server can make one', () => {
    expect(said(60_000, 4096).slice(1)).toEqual(['Show a reduced picture', expect.stringContaining('Read it anyway')]);
    expect(said(60_000, 4096)[0]).toContain('For a reduced picture of all of it');
    expect(said(200_000, 4096)[0]).toContain('of these 200000 × 200000 only');
    expect(said(60_000, 8192).slice(1)).toEqual([expect.stringContaining('Read it anyway')]);
  });

  it('say that there are no pixels', () => {
    expect(said(0, 1)).toEqual(['This image has no pixels: its lengths along y, x are 0.']);
  });
});
