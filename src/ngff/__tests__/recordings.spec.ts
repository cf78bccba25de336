import path from 'node:path';
import { isBioImageError } from '../../core';
import { MemoryStore } from '../../stores';
import { sharedPath } from '../../testing/shared';
import { openNode } from '..';
import type { INode } from '..';
import { expectationOf, groupsIn, recordingOf } from './recorded';

/** A node in the words of the expectation. */
function lineOf(node: INode): string {
  switch (node.kind) {
    case 'plate':
      return `plate ${node.version} ${node.rows.length}x${node.columns.length} wells ${node.wells.length} fields ${node.fieldCount} runs ${node.acquisitions.length}`;
    case 'well':
      return `well ${node.version} fields ${node.fields.length}`;
    case 'collection':
      return `collection ${node.series.map(({ path: key }) => key).join(' ')}`;
    case 'group':
      return 'group';
    case 'image': {
      const { axes, levels, channels, imageLabel, version } = node;
      const named = channels.every(({ label }, i) => label !== `Channel ${i}`);
      const names = axes.map(({ name }) => name).join('');
      const sizes = levels.map(({ array }) => array.shape.join('x')).join(' ');
      return `${imageLabel ? 'label' : 'image'} ${version} ${names} ${sizes} channels ${channels.length}${named ? ` ${channels[0].label}` : ''}`;
    }
  }
}

async function opened(folder: string): Promise<string> {
  try {
    const node = await openNode(new MemoryStore(recordingOf(folder)), undefined, { speculate: false });
    return lineOf(node);
  } catch (error) {
    return isBioImageError(error) ? error.code : String(error);
  }
}

const root = sharedPath('data', 'idr-metadata-only');
const over = root === null ? describe.skip : describe;

/** Read from the files by eye: a change of the expectation's own reader cannot hide a wrong reading. */
const KNOWN: readonly (readonly [string, RegExp])[] = [
  ['vizarr-fixtures/v0.1/idr0001-plate', /^plate 0\.1 8x12 wells 96 /],
  ['vizarr-fixtures/v0.4/idr0076-cyx-50ch', /^image 0\.4 cyx 50x\d+x\d+ .*channels 50/],
  ['vizarr-fixtures/v0.4/embl-zyx', /^image 0\.4 zyx /],
  ['idr/zarr/v0.5/idr0062A/6001240_labels.zarr', /^image 0\.5 czyx 2x236x275x271 .*channels 2/],
  ['idr/zarr/test-data/v0.6.dev3/idr0050/4995115_output_to_ms.zarr', /^collection /]
];

over('metadata recorded of the archives (../shared/data/idr-metadata-only)', () => {
  it('gives the kind, sizes, channels, fields and labels that a look into its JSON gives', async () => {
    const folders = groupsIn(root ?? '');
    const lines: string[] = [];
    const wrong: string[] = [];
    for (const folder of folders) {
      const [expected, found] = [
        expectationOf(path.join(root ?? '', folder)),
        await opened(path.join(root ?? '', folder))
      ];
      lines.push(`${found === expected ? 'ok   ' : 'WRONG'} ${folder}: ${found}`);
      if (found !== expected) {
        wrong.push(`${folder}: ${found} instead of ${expected}`);
      }
    }
    console.info(lines.join('\n'));
    expect(folders.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
    for (const [folder, expected] of KNOWN) {
      expect(await opened(path.join(root ?? '', folder))).toMatch(expected);
    }
  });
});
