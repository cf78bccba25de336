import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isBioImageError } from '../../core';
import type { IDocuments } from '../../stores';
import { sharedPath } from '../../testing/shared';
import { buildNode } from '..';
import type { IImage, INode } from '..';

/** Place → kind or code, and the start of the SHA-256 of what both readers make of it; see fixtures/README.md. */
const ROWS = readFileSync(path.resolve('fixtures', 'collection.tsv'), 'utf8')
  .split('\n')
  .slice(1)
  .filter(line => line !== '')
  .map(line => line.split('\t'));

const root = sharedPath('data');

/** Moved by next to nothing, so that what lies halfway is rounded alike in both languages. */
const number = (value: number): string => (value * (1 + 1e-12)).toFixed(6);

function imageText(image: IImage): unknown[] {
  const { axes, at, levels, channels, defaults, others, rgb, imageLabel, label } = image;
  return [
    axes.map(({ name, type }) => [name, type]),
    [at.t ?? -1, at.c ?? -1, at.z ?? -1, at.y, at.x],
    levels.map(({ path: place, array, ratio }) => [
      place,
      array.shape,
      array.chunks,
      array.dtype,
      array.decodedBy,
      ratio.map(number),
      array.objectKey(array.shape.map(() => 0))
    ]),
    channels.map(({ label: name, color, active, window }) => [
      name,
      color ?? '',
      active,
      window ? [window.start, window.end].map(number) : []
    ]),
    [defaults.t, defaults.z],
    others.map(({ axis, index }) => [axis, index]),
    [rgb, imageLabel],
    label?.colors.size ?? 0
  ];
}

function inside(node: INode): unknown[] {
  switch (node.kind) {
    case 'image':
      return imageText(node);
    case 'plate':
      return [
        node.rows,
        node.columns,
        node.wells.map(({ name, path: place, row, column }) => [name, place, row, column])
      ];
    case 'well':
      return node.fields.map(({ path: place }) => place);
    case 'collection':
      return node.series.map(({ path: place }) => place);
    case 'group':
      return (node.members ?? []).map(({ path: place }) => place);
  }
}

/** As the server's tests write it (`tests/canonical.py`). */
function canonical(folder: string): string {
  const documents: IDocuments = new Map();
  try {
    for (;;) {
      const built = buildNode(documents);
      if ('node' in built) {
        return JSON.stringify([built.node.kind, built.node.version, inside(built.node)]);
      }
      for (const key of built.missing) {
        const file = path.join(folder, key);
        documents.set(key, existsSync(file) && statSync(file).isFile() ? new Uint8Array(readFileSync(file)) : null);
      }
    }
  } catch (error) {
    if (isBioImageError(error)) {
      return error.code;
    }
    throw error;
  }
}

(root === null ? describe.skip : describe)('every folder of the collection of real data', () => {
  it('is read as the server reads it', () => {
    const wrong = ROWS.flatMap(([place, kind, digest]) => {
      const text = canonical(path.join(root ?? '', place));
      const same = createHash('sha256').update(text).digest('hex').slice(0, 16) === digest;
      return same ? [] : [{ place, kind, text }];
    });
    expect(wrong).toEqual([]);
    expect(ROWS.length).toBeGreaterThan(900);
  });
});
