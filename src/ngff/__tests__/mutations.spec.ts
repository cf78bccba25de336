import path from 'node:path';
import { isBioImageError } from '../../core';
import { mutate, randomOf } from '../../catalogue/__tests__/mutate';
import type { Random } from '../../catalogue/__tests__/mutate';
import { MemoryStore } from '../../stores';
import { sharedPath } from '../../testing/shared';
import { openNode, placeOver, withAxes } from '..';
import type { IImage, INode } from '..';
import { groupsIn, recordingOf } from './recorded';
import type { Recording } from './recorded';

const MUTATIONS = process.env.BIOIMAGE_CAMPAIGN === 'full' ? 2_000 : 200;
const SEED = 20_260_601;
/** Of the processor, in ms; the longest text and list that are tried have a megabyte. */
const MOST = 1_000;

/** Numbers that break an arithmetic somewhere. */
const NUMBERS = [0, -0, -1, 0.5, 1e-300, 1e300, 2 ** 31, 2 ** 53, 2 ** 64, -1e12, 7.000001, 1e24, 3];

type Holder = Record<string, unknown>;

/** All places of a JSON value that hold a number or a text. */
function leaves(value: unknown, found: [Holder, string][] = []): [Holder, string][] {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'object') {
        leaves(inner, found);
      } else {
        found.push([value as Holder, key]);
      }
    }
  }
  return found;
}

/** Changes that metadata of images suffers: wrong numbers, values in each other's place, documents of something else. */
function spoil(recording: Recording, random: Random): { recording: Recording; done: string } {
  const spoilt: Recording = new Map(recording);
  const keys = [...spoilt.keys()];
  const key = keys[random(3) === 0 ? random(keys.length) : random(Math.min(2, keys.length))];
  const bytes = spoilt.get(key) ?? new Uint8Array();
  const json: unknown = key.endsWith('.xml') ? undefined : JSON.parse(new TextDecoder().decode(bytes));
  const places = leaves(json);
  const way = random(10);
  if (places.length > 0 && way < 4) {
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const [holder, name] = places[random(places.length)];
      holder[name] = NUMBERS[random(NUMBERS.length)];
    }
    spoilt.set(key, new TextEncoder().encode(JSON.stringify(json)));
    return { recording: spoilt, done: `numbers in ${key}` };
  }
  if (places.length > 1 && way < 6) {
    const [[one, name], [other, second]] = [places[random(places.length)], places[random(places.length)]];
    [one[name], other[second]] = [other[second], one[name]];
    spoilt.set(key, new TextEncoder().encode(JSON.stringify(json)));
    return { recording: spoilt, done: `exchanged in ${key}` };
  }
  if (way === 6) {
    const other = keys[random(keys.length)];
    spoilt.set(key, spoilt.get(other) ?? bytes);
    return { recording: spoilt, done: `${other} as ${key}` };
  }
  if (way === 7) {
    spoilt.delete(key);
    return { recording: spoilt, done: `without ${key}` };
  }
  const changed = mutate(bytes, random);
  spoilt.set(key, changed.bytes);
  return { recording: spoilt, done: `${changed.done.join(', ')} in ${key}` };
}

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
