import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { randomOf } from '../../catalogue/__tests__/mutate';
import { sharedPath } from '../../testing/shared';
import { check, RULES } from '../spec/schema';
import { SCHEMAS } from '../spec/schemas';

type Json = Record<string, unknown>;

/** Mutations of a document, and of how many documents one is mutated; a compiled validator of the schemas is the witness. */
const [MUTATIONS, EVERY] = process.env.BIOIMAGE_CAMPAIGN === 'full' ? [5, 1] : [1, 4];

/** Keywords whose values are schemas by name, one schema, or a list of schemas. */
const BY_NAME = new Set(['properties', '$defs']);
const ONE = new Set(['items', 'contains', 'not', 'additionalProperties']);
const SEVERAL = new Set(['allOf', 'anyOf', 'oneOf']);

function partsOf(schema: unknown, found: Json[] = []): Json[] {
  if (typeof schema === 'object' && schema !== null) {
    found.push(schema as Json);
    for (const [keyword, value] of Object.entries(schema)) {
      const inner = BY_NAME.has(keyword)
        ? Object.values(value as Json)
        : ONE.has(keyword)
          ? [value]
          : SEVERAL.has(keyword)
            ? (value as unknown[])
            : [];
      inner.forEach(part => partsOf(part, found));
    }
  }
  return found;
}

const idsOf = (version: string): Map<string, Json> =>
  new Map(Object.values(SCHEMAS[version]).map(schema => [(schema as { $id: string }).$id, schema as Json]));

/** JSON with comments, as some examples of the specification have them; `undefined` where it is none even so. */
function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, ''));
  } catch {
    return undefined; // not an example
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? filesIn(path.join(folder, entry.name)) : [path.join(folder, entry.name)]
  );
}

const ODD = [null, 0, -1, 1.5, '', 'x', [], {}, true, [1, 1], 'space', { type: 'scale', scale: [1] }];

/** A copy with one member somewhere dropped, doubled or replaced. */
function mutated(document: unknown, random: (below: number) => number): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(document)); // a structured clone has constructors of another realm
  let at: unknown = copy;
  for (;;) {
    const keys = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    if (keys.length === 0) {
      return copy;
    }
    const holder = at as Json;
    const key = keys[random(keys.length)];
    if (typeof holder[key] === 'object' && holder[key] !== null && random(4) > 0) {
      at = holder[key];
    } else {
      const way = random(3);
      if (way === 0 && !Array.isArray(holder)) {
        Reflect.deleteProperty(holder, key);
      } else if (way === 1 && Array.isArray(holder)) {
        holder.push(JSON.parse(JSON.stringify(holder[Number(key)])));
      } else {
        holder[key] = JSON.parse(JSON.stringify(ODD[random(ODD.length)]));
      }
      return copy;
    }
  }
}

describe.each(Object.keys(SCHEMAS))('the schemas of %s', version => {
  const parts = Object.values(SCHEMAS[version]).flatMap(schema => partsOf(schema));

  it('use no keyword that the interpreter does not know', () => {
    const unknown = parts.flatMap(Object.keys).filter(keyword => !Object.hasOwn(RULES, keyword));
    expect([...new Set(unknown)]).toEqual([]);
  });

  it('refer to nothing that is not there', () => {
    const ids = idsOf(version);
    const outside = Object.values(SCHEMAS[version]).flatMap(schema =>
      partsOf(schema)
        .map(({ $ref: reference }) => reference)
        .filter(reference => typeof reference === 'string')
        .filter(reference => {
          const target = new URL(reference, (schema as { $id: string }).$id);
          target.hash = '';
          return !ids.has(target.href);
        })
    );
    expect(outside).toEqual([]);
  });
});

const suites = sharedPath('data', 'ngff-spec');
const over = suites === null ? describe.skip : describe;

over('the interpreter beside a compiled validator (../shared/data/ngff-spec)', () => {
  it('agrees on every example, every test and mutations of them, by every schema of the version', () => {
    const random = randomOf(7);
    const differing: string[] = [];
    const rows: string[] = [];
    for (const version of Object.keys(SCHEMAS)) {
      const ajv = new Ajv2020({ strict: false, logger: false });
      Object.entries(SCHEMAS[version]).forEach(([name, schema]) => ajv.addSchema(schema, name));
      const documents = filesIn(path.join(suites ?? '', version))
        .filter(file => !file.endsWith('.schema'))
        .map(parsed)
        .filter(document => document !== undefined)
        .map(document => (document as { attributes?: unknown }).attributes ?? document);
      let [count, valid] = [0, 0];
      for (const [number, original] of documents.entries()) {
        for (const document of [
          original,
          ...Array.from({ length: number % EVERY === 0 ? MUTATIONS : 0 }, () => mutated(original, random))
        ]) {
          for (const [name, schema] of Object.entries(SCHEMAS[version])) {
            const found = check(schema as Json, document, idsOf(version));
            const expected = ajv.getSchema(name)?.(document) === true;
            count += 1;
            valid += expected ? 1 : 0;
            if ((found.length === 0) !== expected) {
              differing.push(
                `${version} ${name}: ${JSON.stringify(document).slice(0, 300)}: ${JSON.stringify(found[0] ?? 'valid')}`
              );
            }
          }
        }
      }
      rows.push(`  ${version}: ${documents.length} documents, ${count} verdicts, ${valid} of them valid`);
    }
    console.info(`interpreter and compiled validator:\n${rows.join('\n')}`);
    expect(differing).toEqual([]);
  });

  it('stops at transformations within transformations that never end', () => {
    const ids = idsOf('0.6-dev');
    const nested = Array.from({ length: 400 }).reduce<Json>(
      (inner, _, i) =>
        i % 2 === 0
          ? { type: 'sequence', transformations: [inner] }
          : { type: 'bijection', forward: inner, inverse: { type: 'identity' } },
      { type: 'scale', scale: ['x'] }
    );
    const started = process.cpuUsage();
    const list = [{ ...nested, input: { path: 'a' }, output: { name: 'b' } }];
    expect(check(SCHEMAS['0.6-dev'].coordinate_transformations as Json, list, ids)).not.toEqual([]);
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
  });
});
