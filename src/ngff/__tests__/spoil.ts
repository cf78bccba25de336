import { mutate, type Random } from '../../catalogue/__tests__/mutate';
import type { Recording } from './recorded';

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
export function spoil(recording: Recording, random: Random): { recording: Recording; done: string } {
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
