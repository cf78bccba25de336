import { BioImageError, heard, isErrorCode, say, toBioImageError } from '../core';
import type { Said } from '../core';
import type { IDecodeSpec } from './chunkdecoder';

/** Main thread → worker. A worker holds one job at a time; `bytes` is transferred. */
export type Request =
  | {
      readonly type: 'decode';
      readonly id: number;
      readonly spec: IDecodeSpec;
      readonly bytes: ArrayBuffer;
      /** What this unit needs beyond the array's document, see `IPlace`. */
      readonly more?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'warm'; readonly codecs: readonly string[] };

/**
 * Worker → main thread. `started`: the codecs are there, from here on the time limit of a decode counts. `bytes` is
 * transferred. `failed`: a thread that is `spent` may decode the next unit wrongly, see `webAssembly`.
 */
export type Reply =
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'decoded'; readonly id: number; readonly bytes: ArrayBuffer }
  | { readonly type: 'failed'; readonly id: number; readonly error: IPlainError; readonly spent: boolean };

/** An error without its class and those of its texts, which structured cloning drops. */
export interface IPlainError {
  readonly code: string;
  /** Template and arguments, see `Said`. */
  readonly message: Pick<Said, 'text' | 'args'>;
  readonly hint: Pick<Said, 'text' | 'args'>;
}

/** What a worker tells of its failure; `where` and `cause` stay behind, for whoever asked knows the place. */
export function plainError(error: unknown): IPlainError {
  const { code, said } = toBioImageError(error);
  return { code, ...said };
}

/** The failure of a worker as it was thrown there; a code that is none of ours is `INTERNAL`. */
export function revived({ code, message, hint }: IPlainError): BioImageError {
  return new BioImageError(isErrorCode(code) ? code : 'INTERNAL', heard('', message) ?? say``, {
    hint: heard('', hint)
  });
}
