import { BioImageError, say } from '../../core';
import type { Said } from '../../core';

/** How many bytes a codec may put out: exactly `bytes`, or at most so many where another compressor lies between. */
export interface IOutputBound {
  readonly exact: boolean;
  readonly bytes: number;
}

/** What a compressor may make of `bound` at most: none here makes it longer than by 1/64 and 64 KiB. */
export function compressed({ bytes }: IOutputBound): IOutputBound {
  return { exact: false, bytes: bytes + (bytes >>> 6) + 65_536 };
}

/** True where `claimed` bytes may come out of the codec. */
export function fits(claimed: number, bound: IOutputBound): boolean {
  return bound.exact ? claimed === bound.bytes : claimed >= 0 && claimed <= bound.bytes;
}

/** The failure of a chunk whose bytes are not what its codec writes. */
export function damaged(what: Said, cause?: unknown): BioImageError {
  return new BioImageError('BAD_CHUNK', say`A part of the image is damaged: ${what}.`, { cause });
}
