import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isBioImageError } from '../../core';
import type { IDocuments } from '../../stores';
import { buildNode, indexAtLevel, regionAtLevel } from '..';
import type { IImage, INode } from '..';

/** One case of the table that the server's reader is tested against as well; see fixtures/README.md. */
interface ICase {
  name: string;
  documents: Record<string, unknown>;
  view: {
    width: number;
    height: number;
    selection?: { level?: number; t?: number; z?: number; c?: number[]; region?: number[] };
  };
  expect: {
    error?: string;
    kind?: INode['kind'];
    version?: string;
    axes?: { name: string; type: string }[];
    levels?: { path: string; shape: number[]; chunks: number[]; ratio: number[]; offset?: number[] }[];
    t?: number;
    z?: number;
    c?: number[];
    keys?: string[];
    rows?: string[];
    columns?: string[];
    wells?: string[];
    paths?: string[];
  };
}

const CASES = JSON.parse(readFileSync(path.resolve('fixtures', 'readers.json'), 'utf8')) as ICase[];

/** Gives only what is asked for, so that a document that nobody needs shows, and one that is needed and not there too. */
function build({ documents }: ICase): { node: INode; asked: string[] } {
  const known: IDocuments = new Map();
  for (;;) {
    const built = buildNode(known);
    if ('node' in built) {
      return { node: built.node, asked: [...known.keys()] };
    }
    for (const key of built.missing) {
      const document = documents[key];
      known.set(
        key,
        document === undefined || document === null ? null : new TextEncoder().encode(JSON.stringify(document))
      );
    }
  }
}

/** Objects of the coarsest level that hold the planes shown of the channels shown. */
function coarsestKeys(image: IImage, t: number, z: number, channels: readonly number[]): string[] {
  const { array, index } = image.levels[image.levels.length - 1];
  const { at } = image;
  const wanted = array.shape.map((size, axis) => {
    const count = Math.ceil(size / array.chunks[axis]);
    const planes =
      axis === at.t
        ? [indexAtLevel(image, index, 't', t)]
        : axis === at.z
          ? [indexAtLevel(image, index, 'z', z)]
          : axis === at.c
            ? channels
            : undefined;
    return planes
      ? [...new Set(planes.flatMap(plane => (plane === null ? [] : [Math.floor(plane / array.chunks[axis])])))]
      : axis === at.y || axis === at.x
        ? Array.from({ length: count }, (_, i) => i)
        : [0];
  });
  const chunks = wanted.reduce<number[][]>((made, list) => made.flatMap(head => list.map(i => [...head, i])), [[]]);
  return [...new Set(chunks.map(chunk => array.objectKey(chunk)))];
}

function checkImage(image: IImage, { view, expect: expected }: ICase): void {
  expect(image.version).toBe(expected.version);
  expect(image.axes.map(({ name, type }) => ({ name, type }))).toEqual(expected.axes);
  const levels = image.levels.map(({ path: place, array, ratio, offset }) => ({
    path: place,
    shape: array.shape,
    chunks: array.chunks,
    ratio,
    offset
  }));
  expect(levels).toMatchObject(
    (expected.levels ?? []).map(({ path: place, shape, chunks }) => ({ path: place, shape, chunks }))
  );
  levels.forEach(({ ratio, offset }, k) => {
    const known = expected.levels?.[k];
    ratio.forEach((value, axis) => expect(value).toBeCloseTo(known?.ratio[axis] ?? NaN, 9));
    offset.forEach((value, axis) => expect(value).toBeCloseTo(known?.offset?.[axis] ?? 0, 9));
  });
  const { selection = {} } = view;
  const clip = (index: number, axis: 't' | 'z'): number =>
    Math.min(index, (image.levels[0].array.shape[image.at[axis] ?? -1] ?? 1) - 1);
  expect([clip(selection.t ?? image.defaults.t, 't'), clip(selection.z ?? image.defaults.z, 'z')]).toEqual([
    expected.t,
    expected.z
  ]);
  if (!selection.c) {
    expect(image.channels.filter(({ active }) => active).map(({ index }) => index)).toEqual(expected.c);
  }
  if (!selection.region && expected.keys) {
    const keys = coarsestKeys(image, expected.t ?? 0, expected.z ?? 0, expected.c ?? []);
    const { path: place } = image.levels[image.levels.length - 1];
    expect(new Set(expected.keys.filter(key => place === '' || key.startsWith(`${place}/`)))).toEqual(new Set(keys));
  }
}

describe('the table of fixtures that both readers share', () => {
  it.each(CASES.map(fixture => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const { expect: expected } = fixture;
    if (expected.error !== undefined) {
      let code: string | undefined;
      try {
        build(fixture);
      } catch (error) {
        code = isBioImageError(error) ? error.code : String(error);
      }
      expect(code).toBe(expected.error);
      return;
    }
    const { node, asked } = build(fixture);
    expect(node.kind).toBe(expected.kind);
    expect(asked.filter(key => !(key in fixture.documents))).toEqual([]);
    if (node.kind === 'image') {
      checkImage(node, fixture);
    } else if (node.kind === 'plate') {
      expect(node).toMatchObject({ rows: expected.rows, columns: expected.columns });
      expect(node.wells.map(well => well.path)).toEqual(expected.wells);
    } else {
      const inside = node.kind === 'well' ? node.fields : node.kind === 'group' ? (node.members ?? []) : node.series;
      expect(inside.map(({ path }) => path)).toEqual(expected.paths);
    }
  });

  it('gives a region at a level as the whole pixels it touches', () => {
    const found = CASES.find(({ name }) => name === '0.4, factors 3 and 4, z halved, deep chunks of several channels');
    const { node } = build(found as ICase);
    const image = node as IImage;
    expect(regionAtLevel(image, 1, [1, 4, 299, 900])).toEqual([0, 2, 99, 300]);
    expect(regionAtLevel(image, 2, [0, 5000, 1190, 1201])).toEqual([0, 100, 99, 100]);
    expect(regionAtLevel(image, 2, [2000, 3000, 0, 1])).toEqual([100, 100, 0, 1]);
    expect([0, 1, 2, 12, 13, 99].map(z => indexAtLevel(image, 1, 'z', z))).toEqual([0, 0, 1, 6, 6, 6]);
    expect(indexAtLevel(image, 1, 't', 4)).toBe(0);
  });
});
