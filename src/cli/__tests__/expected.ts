import { readFileSync } from 'node:fs';
import { sharedPath } from '../../testing/shared';
import { read } from '../read';

/** A row of the table. */
export interface IExpected {
  path: string;
  shape: number[];
  dtype: string;
  sha256: string;
  min: string;
  max: string;
  present: number;
}

/** The table of all arrays of the collection; null where it is not there. */
export const table = sharedPath('data', 'EXPECTED.tsv');

/** The rows of the table. */
export function expectations(file: string): IExpected[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map(line => {
    const [place, shape, dtype, sha256, min, max, present] = line.split('\t');
    return {
      path: place,
      shape: shape.split('x').map(Number),
      dtype,
      sha256,
      min,
      max,
      present: Number(present.split('/')[0])
    };
  });
}

/** The table writes numpy's text; 32-bit floats in their shortest form. */
function sameNumber(dtype: string, given: unknown, expected: string): boolean {
  if (dtype === 'bool') {
    return String(given).toLowerCase() === expected.toLowerCase();
  }
  if (dtype.endsWith('int64')) {
    return given === expected;
  }
  return dtype === 'float32' ? given === Math.fround(Number(expected)) : Object.is(Number(given), Number(expected));
}

/** A printed line; what a failed array lacks is undefined. */
export interface ILine {
  path: string;
  shape: number[];
  dtype: string;
  sha256: string;
  min: unknown;
  max: unknown;
  chunks: { shape: number[]; read: number; absent: number };
  error?: { code: string; message: string; hint: string };
}

/** Runs the command; what it prints. */
export async function lines(args: string[]): Promise<{ status: number; out: ILine[] }> {
  const out: ILine[] = [];
  const status = await read(args, line => out.push(JSON.parse(line) as ILine));
  return { status, out };
}

/** Every line says what its row says. */
export function compare(expected: IExpected[], out: ILine[], places: string[]): void {
  const wrong = expected.flatMap((row, i) => {
    const { path: place, shape, dtype, sha256, min, max } = out[i];
    const same =
      place === places[i] &&
      String(shape) === String(row.shape) &&
      dtype === row.dtype &&
      sha256 === row.sha256 &&
      sameNumber(dtype, min, row.min) &&
      sameNumber(dtype, max, row.max);
    return same ? [] : [{ row, out: out[i] }];
  });
  expect(wrong).toEqual([]);
}
