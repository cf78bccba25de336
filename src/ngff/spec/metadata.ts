import type { Said } from '../../core';
import type { IVersion, Json } from '../versions';

/** The OME metadata of one group. */
export interface IMetadata {
  readonly zarrFormat: 2 | 3;
  /** All attributes of the group; since 0.5 the schemas describe these, `ome` included. */
  readonly attributes: Json;
  /** What stands under `ome` since 0.5, and at the top before. */
  readonly values: Json;
}

/** Pointer from the attributes to `values`. */
export function rootOf({ attributes, values }: IMetadata): string {
  return attributes === values ? '' : '/ome';
}

/** One thing that is wrong, in the words of `IProblem`; the pointer is relative to the attributes. */
export interface IFinding {
  readonly pointer: string;
  readonly text: Said;
}

/** What was judged by. */
export interface IJudgement {
  readonly version: string;
  /** `undefined` for a version that is not known. */
  readonly rules: IVersion | undefined;
  /** Version and kinds, for people. */
  readonly what: Said;
  readonly valid: boolean;
  /** The schema's objections. */
  readonly problems: readonly IFinding[];
}
