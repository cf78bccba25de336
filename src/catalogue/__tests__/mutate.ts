/** Whole numbers below a bound, the same ones for the same seed. */
export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    // Mulberry32: a step of 32 bits, mixed well enough for choosing.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PROTOTYPE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length'];
const MEGABYTE = 2 ** 20;

/** Values that no field expects, or that do harm where they are believed. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  '',
  ' ',
  '0',
  '-5',
  'NaN',
  '\0\u0007\u202e\ud800',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '[text](command:terminal:create-new)',
  'javascript:alert(1)',
  'JaVaScRiPt\t:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml,<svg onload="alert(1)"/>',
  'http://127.0.0.1:8888/api/contents',
  'file:///etc/passwd',
  'ftp://ftp.example.org/a.zarr',
  'https://user:password@example.org/a.zarr',
  'https://livingobjects.ebi.ac.uk/../../etc/a.zarr',
  'https://[::1]/a.zarr',
  'https://ftp.ebi.ac.uk/%ff%zz/',
  's3://',
  's3://bucket/../a.ome.zarr',
  '//example.org/a.zarr',
  'store:../x',
  '../../../etc/passwd.zarr',
  [],
  {},
  [[[]]],
  [null, null],
  { __proto__: null },
  ...PROTOTYPE
];

const ODD_TEXTS = ODD.filter(value => typeof value === 'string');

const PAGES = [
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>',
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
  '',
  'null',
  '[]',
  '{}',
  '0',
  '"text"',
  '{"Error": "something went wrong"}',
  '{"errorMessage": "Study not accessible"}',
  '\ufeff{}',
  'NaN',
  `${'['.repeat(600)}${']'.repeat(600)}`,
  `{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}`
];

type Parent = Record<string, unknown> | unknown[];
interface IPlaceIn {
  parent: Parent;
  key: string;
}

/** A place somewhere in a value, each depth about as likely; `null` where there is none. */
function placeIn(value: unknown, random: Random): IPlaceIn | null {
  let found: IPlaceIn | null = null;
  let at = value;
  while (typeof at === 'object' && at !== null) {
    const keys = Object.keys(at);
    if (keys.length === 0 || (found !== null && random(6) === 0)) {
      break;
    }
    const key = keys[random(keys.length)];
    found = { parent: at as Parent, key };
    at = (at as Record<string, unknown>)[key];
  }
  return found;
}

function put({ parent, key }: IPlaceIn, value: unknown): void {
  if (Array.isArray(parent) && !/^\d+$/.test(key)) {
    parent.push(value);
    return;
  }
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The nearest list above or at a place, found by trying again. */
function listIn(value: unknown, random: Random): unknown[] | null {
  for (let tries = 0; tries < 20; tries++) {
    const place = placeIn(value, random);
    const inside = place === null ? null : (place.parent as Record<string, unknown>)[place.key];
    if (Array.isArray(inside) && inside.length > 0) {
      return inside as unknown[];
    }
  }
  return null;
}

/** One change of a JSON value in place, by the name it is reported under. */
const CHANGES: Record<string, (value: unknown, random: Random) => void> = {
  'dropped field': (value, random) => {
    const place = placeIn(value, random);
    if (place !== null && !Array.isArray(place.parent)) {
      Reflect.deleteProperty(place.parent, place.key);
    }
  },
  'odd value': (value, random) => {
    const place = placeIn(value, random);
    if (place !== null) {
      put(place, structuredClone(ODD[random(ODD.length)]));
    }
  },
  'prototype key': (value, random) => {
    const place = placeIn(value, random);
    if (place !== null) {
      put({ parent: place.parent, key: PROTOTYPE[random(PROTOTYPE.length)] }, ODD[random(ODD.length)]);
    }
  },
  'wrapped value': (value, random) => {
    const place = placeIn(value, random);
    if (place !== null) {
      const inside = (place.parent as Record<string, unknown>)[place.key];
      put(place, random(2) === 0 ? [inside] : { value: inside });
    }
  },
  'repeated item': (value, random) => {
    const list = listIn(value, random);
    list?.push(list[random(list.length)]);
  },
  'reversed list': (value, random) => {
    listIn(value, random)?.reverse();
  },
  'long text': (value, random) => {
    const place = placeIn(value, random);
    if (place !== null) {
      put(place, 'A<b>&'.repeat(MEGABYTE / 5));
    }
  },
  'long list': (value, random) => {
    const list = listIn(value, random);
    if (list !== null && JSON.stringify(list[0] ?? null).length < 150) {
      const first = list[0];
      list.push(...Array.from({ length: 1000 }, () => first));
    }
  }
};

/** A list of files of 10⁵ entries, some of them OME-Zarr. */
function manyFiles(): string {
  const entry = (at: number): string => {
    const path = at % 50 === 0 ? `a/${at}.ome.zarr` : `a/${at}.tif`;
    return `{"path":"${path}","size":${at},"type":"file","attributes":[]}`;
  };
  return `[${Array.from({ length: 100_000 }, (_, at) => entry(at)).join(',')}]`;
}

/** Changes of a table, line by line. */
function mutateTable(text: string, random: Random): [name: string, text: string] {
  const lines = text.split('\n');
  const separator = text.includes('\t') ? '\t' : ',';
  const at = random(lines.length);
  const cells = lines[at].split(separator);
  const odd = ODD_TEXTS[random(ODD_TEXTS.length)];
  switch (random(9)) {
    case 0:
      lines.splice(at, 1);
      return ['dropped line', lines.join('\n')];
    case 1:
      lines[0] = lines[0].split(separator).slice(1).join(separator);
      return ['dropped column', lines.join('\n')];
    case 2:
      lines[0] += `${separator}${PROTOTYPE[random(PROTOTYPE.length)]}`;
      return ['prototype column', lines.join('\n')];
    case 3:
      cells[random(cells.length)] = odd;
      lines[at] = cells.join(separator);
      return ['odd cell', lines.join('\n')];
    case 4:
      lines[at] = lines[at].replace(/.$/, '"');
      return ['open quote', lines.join('\n')];
    case 5:
      cells[random(cells.length)] = 'x'.repeat(MEGABYTE);
      lines[at] = cells.join(separator);
      return ['long cell', lines.join('\n')];
    case 6:
      return ['repeated lines', [...lines, ...lines].join('\n')];
    case 7:
      return ['reversed lines', [lines[0], ...lines.slice(1).reverse()].join('\n')];
    default:
      return ['other ends of lines', lines.join(random(2) === 0 ? '\r\n' : '\r')];
  }
}

/** An answer changed in one to three ways, with the names of what was done. */
export function mutate(bytes: Uint8Array, random: Random): { bytes: Uint8Array; done: string[] } {
  const text = new TextDecoder().decode(bytes);
  const made = (done: string[], changed: string): { bytes: Uint8Array; done: string[] } => ({
    bytes: new TextEncoder().encode(changed),
    done
  });
  const choice = random(100);
  if (choice < 8) {
    return made(['another page'], PAGES[random(PAGES.length)]);
  }
  if (choice < 14) {
    return made(['truncated'], text.slice(0, random(text.length + 1)));
  }
  if (choice === 14) {
    return made(['10⁵ files'], manyFiles());
  }
  if (choice < 18) {
    // A byte that is not what it was: text may become no text at all.
    const flipped = bytes.slice();
    for (let flips = 1 + random(4); flips > 0 && flipped.length > 0; flips--) {
      flipped[random(flipped.length)] = random(256);
    }
    return { bytes: flipped, done: ['flipped bytes'] };
  }
  if (!/^\s*[[{]/.test(text)) {
    const [name, changed] = mutateTable(text, random);
    return made([name], changed);
  }
  const value: unknown = JSON.parse(text);
  const names = Object.keys(CHANGES);
  const done: string[] = [];
  for (let changes = 1 + random(3); changes > 0; changes--) {
    // Large ones are rare: they cost time, and once is enough.
    const name = names[random(random(5) === 0 ? names.length : names.length - 2)];
    CHANGES[name](value, random);
    done.push(name);
  }
  return made(done, JSON.stringify(value));
}
