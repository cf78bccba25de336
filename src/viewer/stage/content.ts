import type { BioImageError } from '../../core';
import type { IPlaneTile } from '../../pixels';
import { CELL, CHANNEL_SHIFT } from './shader';

/** Which plane is shown; indices count in level-0 planes. */
export interface IPlane {
  readonly t: number;
  readonly z: number;
}

/** What the drawing holds of one tile: all its loaded channels. */
export interface ITileContent {
  readonly plane: IPlane;
  /** Channel index of each texture layer. */
  readonly slots: readonly number[];
  readonly width: number;
  readonly height: number;
  /** Raw words of all layers, one after the other, rows of x. */
  readonly words: Uint8Array | Uint16Array | Uint32Array;
  /** Mask cells (columns, rows), and their texels for all layers. */
  readonly cells: readonly [number, number];
  readonly mask: Uint32Array;
  /** No chunk of it is in the store. */
  readonly empty: boolean;
  /** Why a part of it is damaged. */
  readonly damaged?: BioImageError;
  readonly byteLength: number;
}

/** Puts the channels of one tile together for upload. `parts` and `channels` run in parallel. */
export function packTile(parts: readonly IPlaneTile[], channels: readonly number[], plane: IPlane): ITileContent {
  if (parts.length === 0) {
    return blank(plane);
  }
  const { width, height, maskSize } = parts[0];
  const cells = maskSize[0] * maskSize[1];
  const mask = new Uint32Array(cells * parts.length);
  parts.forEach((part, slot) => {
    const whole = part.damaged !== undefined && !part.absent.includes(CELL.damaged);
    for (let i = 0; i < cells; i++) {
      mask[slot * cells + i] = (whole ? CELL.damaged : part.absent[i]) | (channels[slot] << CHANNEL_SHIFT);
    }
  });
  const words = join(parts.map(part => part.words));
  const damaged = parts.find(part => part.damaged)?.damaged;
  const empty = !damaged && parts.every(part => part.absent.every(state => state === CELL.absent));
  return { plane, slots: channels, width, height, words, cells: maskSize, mask, empty, damaged, byteLength: words.byteLength + mask.byteLength };
}

/** A tile none of whose channels could be read: deck.gl would count a tile that throws as loaded, and empty. */
export function damagedTile(error: BioImageError, channels: readonly number[], plane: IPlane): ITileContent {
  const mask = Uint32Array.from(channels, channel => CELL.damaged | (channel << CHANNEL_SHIFT));
  return { ...blank(plane), slots: channels, mask, damaged: error };
}

function blank(plane: IPlane): ITileContent {
  return { plane, slots: [], width: 1, height: 1, words: new Uint8Array(), cells: [1, 1], mask: new Uint32Array(1), empty: false, byteLength: 4 };
}

/** One array after the other; a single one is passed on without a copy. */
function join<T extends Uint8Array | Uint16Array | Uint32Array>(arrays: readonly T[]): T {
  if (arrays.length === 1) {
    return arrays[0];
  }
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const all = new (arrays[0].constructor as new (length: number) => T)(length);
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
