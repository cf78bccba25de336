import type { DataType } from '../../ngff';
import { faultImage, type IFaultImage, type IMadeCodec, type Layout } from './faultimages';
import type { Fault } from './faultserver';

/** mulberry32: the same numbers on every machine. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One faulted read, as far as it decides what can be told. */
export interface IFaultedRead {
  readonly layout: Layout;
  readonly codec: Pick<IMadeCodec, 'name' | 'checked'>;
  readonly fault: Fault;
  readonly etags: boolean;
}

/**
 * What can be told from the bytes and headers alone. A whole chunk in the place of another one, or of another time, is a
 * good chunk; a changed byte shows only in a checksum.
 */
export function detectable({ layout, codec, fault, etags }: IFaultedRead): boolean {
  const whole = layout !== 'sharded';
  switch (fault) {
    case 'swapped':
      return false;
    case 'stale':
      return etags; // the MD5 of a whole object, the change between two parts of one
    case 'flipped byte':
    case 'shifted unsaid':
      return codec.checked || (whole && etags);
    case 'shifted':
      return !whole || codec.checked || etags;
    default:
      return true;
  }
}

const images = new Map<string, Promise<IFaultImage>>();

/** `faultImage`, made once. */
export function imageOf(layout: Layout, codec: IMadeCodec, dtype: DataType, version: number): Promise<IFaultImage> {
  const key = [layout, codec.name, dtype, version].join();
  const made = images.get(key) ?? faultImage(layout, codec, dtype, version);
  images.set(key, made);
  return made;
}

/** Whether two arrays hold the same bytes. */
export function equal(one: ArrayBufferView, other: Uint8Array): boolean {
  return Buffer.compare(new Uint8Array(one.buffer, one.byteOffset, one.byteLength), other) === 0;
}
