import type { Said } from '../../core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compose, TYPES } from '../transform';

interface ICase {
  readonly name: string;
  readonly rank: number;
  readonly list: unknown;
  readonly matrix: number[][];
  readonly sized: boolean;
  readonly refused: boolean;
}

/** What the server's reader (`services/affine.py`) makes of the same lists too. */
const CASES = JSON.parse(readFileSync(path.resolve('fixtures', 'transforms.json'), 'utf8')) as ICase[]; // our own file

/** The types of transformations in `value`, however deep. */
function typesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'type' && typeof inner === 'string' ? [inner] : typesIn(inner)
  );
}

it.each(CASES)('$name', ({ rank, list, matrix, sized, refused }) => {
  const notices = new Set<Said>();
  const found = compose(list, rank, notices);
  const plain = found.matrix.map(row => row.map(value => value + 0)); // no -0
  expect({ matrix: plain, sized: found.sized, refused: notices.size > 0 }).toEqual({ matrix, sized, refused });
});

it('has a case that is used and one that is refused for every type', () => {
  const used = (refused: boolean): Set<string> =>
    new Set(CASES.filter(one => one.refused === refused).flatMap(({ list }) => typesIn(list)));
  expect(TYPES.filter(type => !used(false).has(type))).toEqual([]);
  // An identity has nothing that could be wrong.
  expect(TYPES.filter(type => type !== 'identity' && !used(true).has(type))).toEqual([]);
});
