import path from 'node:path';
import { isBioImageError } from '../../core';
import { randomOf } from '../../catalogue/__tests__/mutate';
import { MemoryStore } from '../../stores';
import { sharedPath } from '../../testing/shared';
import { openNode, placeOver, withAxes } from '..';
import type { IImage, INode } from '..';
import { groupsIn, recordingOf } from './recorded';
import { spoil } from './spoil';

const MUTATIONS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 2_000 : 200;
const SEED = 20_260_601;
/** Of the processor, in ms; the longest text and list that are tried have a megabyte. */
const MOST = 1_000;

/** What a picture cannot be drawn with. */
function flaws(image: IImage): string[] {
  const { levels, at, channels, defaults } = image;
  const numbers = levels.flatMap(({ ratio, offset, scale, translation }) => [
    ...ratio,
    ...offset,
    ...scale,
    ...translation
  ]);
  const placed = placeOver(image, image);
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : levels[0].array.shape[axis]);
  const others = Object.values(at);
  return [
    ...(levels.length > 0 ? [] : ['no level']),
    ...(numbers.every(Number.isFinite) ? [] : ['places that are not finite']),
    ...(levels.every(({ ratio }) => ratio[at.y] >= 1 && ratio[at.x] >= 1) ? [] : ['a level finer than level 0']),
    ...(levels.every(({ ratio, scale }) => [...ratio, ...scale].every(value => value > 0)) ? [] : ['no size']),
    ...(levels[0].ratio.every(value => value === 1) ? [] : ['level 0 is not its own measure']),
    ...(defaults.z >= 0 && defaults.z < Math.max(1, size(at.z)) ? [] : ['first z']),
    ...(defaults.t >= 0 && defaults.t < Math.max(1, size(at.t)) ? [] : ['first t']),
    ...(channels.some(({ active }) => active) ? [] : ['no channel']),
    ...(channels.every(({ window }) => !window || window.start < window.end) ? [] : ['window']),
    ...(new Set(others).size === others.length ? [] : ['an axis twice']),
    ...(placed.levels.every(({ scale, offset }) => [...scale, ...offset].every(Number.isFinite))
      ? []
      : ['laid over itself']),
    ...(withAxes(image, { y: at.x, x: at.y }).at.y === at.x ? [] : ['other axes'])
  ];
}

function outcome(node: INode): string[] {
  return node.kind === 'image' ? flaws(node) : [];
}

const root = sharedPath('data', 'idr-metadata-only');
const over = root === null ? describe.skip : describe;

over('spoilt metadata of real images (../shared/data/idr-metadata-only)', () => {
  it(`${MUTATIONS} mutations: each a node that can be drawn or a failure with code and next step, within a second`, async () => {
    const random = randomOf(SEED);
    const recordings = groupsIn(root ?? '').map(folder => recordingOf(path.join(root ?? '', folder)));
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    let slowest = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const { recording, done } = spoil(recordings[random(recordings.length)], random);
      const started = process.cpuUsage();
      let said: string;
      let problems: string[] = [];
      try {
        const node = await openNode(new MemoryStore(recording), undefined, { speculate: true });
        said = node.kind;
        problems = outcome(node);
      } catch (error) {
        said = isBioImageError(error) ? error.code : 'not ours';
        problems = isBioImageError(error)
          ? [
              ...(error.hint === '' || error.message === '' ? ['no words'] : []),
              ...(said === 'INTERNAL' ? [String(error.cause)] : [])
            ]
          : [String(error instanceof Error ? error.stack : error)];
      }
      const { user, system } = process.cpuUsage(started);
      const took = (user + system) / 1000;
      slowest = Math.max(slowest, took);
      counts.set(said, (counts.get(said) ?? 0) + 1);
      wrong.push(...[...problems, ...(took > MOST ? [`${took} ms`] : [])].map(problem => `${i}: ${done}: ${problem}`));
    }
    console.info(
      `${MUTATIONS} mutations, slowest ${Math.round(slowest)} ms: ${[...counts].map(entry => entry.join(' ')).join(', ')}`
    );
    expect(wrong).toEqual([]);
    expect(counts.get('image')).toBeGreaterThan(MUTATIONS / 5);
  });
});
