import { say } from '../../core';
import type { Said } from '../../core';
import { declaredVersion, record, versionNamed } from '../versions';
import type { IVersion, Json } from '../versions';
import { rootOf } from './metadata';
import type { IFinding, IJudgement, IMetadata } from './metadata';
import { check } from './schema';
import type { Schemas } from './schema';
import { SCHEMAS } from './schemas';

/** What a group can hold, and the schema that describes it. */
const KINDS: readonly { readonly key: string; readonly schema: string; readonly name: string }[] = [
  { key: 'multiscales', schema: 'image', name: 'image' },
  { key: 'plate', schema: 'plate', name: 'plate' },
  { key: 'well', schema: 'well', name: 'well' },
  { key: 'image-label', schema: 'label', name: 'label image' },
  { key: 'scene', schema: 'scene', name: 'scene' },
  { key: 'bioformats2raw.layout', schema: 'bf2raw', name: 'bioformats2raw layout' },
  { key: 'series', schema: 'ome', name: 'list of series' }
];

const byId = new Map<string, Schemas>();

/** The schemas of one version by their ids, which other versions use as well. */
function schemasOf(id: string): Schemas {
  const known = byId.get(id);
  const schemas =
    known ?? new Map(Object.values(SCHEMAS[id]).map(schema => [String(record(schema).$id), record(schema)]));
  byId.set(id, schemas);
  return schemas;
}

/**
 * The one sentence of prose that a suite of the specification counts as invalid: since 0.5 a well lies at
 * `<row>/<column>` ("plate" metadata). The suites of 0.4 and 0.6 have valid plates the other way round.
 */
function wellPlaces(version: string, { values }: IMetadata, root: string): IFinding[] {
  const plate: Json = version === '0.5' ? record(values.plate) : {};
  const nameOf = (list: unknown, index: unknown): unknown =>
    record(Array.isArray(list) && typeof index === 'number' ? list[index] : undefined).name;
  const wells: readonly unknown[] = Array.isArray(plate.wells) ? plate.wells : [];
  return wells.map(record).flatMap(({ path, rowIndex, columnIndex }, i) => {
    const [row, column] = [nameOf(plate.rows, rowIndex), nameOf(plate.columns, columnIndex)];
    const known = typeof row === 'string' && typeof column === 'string' && typeof path === 'string';
    return known && path !== `${row}/${column}`
      ? [{ pointer: `${root}/plate/wells/${i}/path`, text: say`must be "${row}/${column}"` }]
      : [];
  });
}

function refusal(version: string, what: Said, text: Said): IJudgement {
  return { version, rules: undefined, what, valid: false, problems: [{ pointer: '', text }] };
}

/** Versions have a folder of schemas, except a proposal or two. */
function withSchemas(version: IVersion | undefined): version is IVersion {
  return version !== undefined && Object.hasOwn(SCHEMAS, version.id);
}

/**
 * Judges a group's metadata by the schemas of the version it names (Zarr v2 without one: 0.4) for everything it holds;
 * with `strict` by the strict schema where there is one.
 */
export function judge(metadata: IMetadata, strict: boolean): IJudgement {
  const { zarrFormat, attributes, values } = metadata;
  const held = KINDS.filter(({ key }) => values[key] !== undefined);
  const labels = values.labels !== undefined;
  if (held.length === 0 && !labels) {
    return refusal('', say`OME-Zarr`, say`there is no OME-Zarr metadata`);
  }
  const version = declaredVersion(values) ?? (zarrFormat === 2 ? '0.4' : undefined);
  if (version === undefined) {
    return refusal('', say`OME-Zarr`, say`the version is not named`);
  }
  const what = say`OME-Zarr ${version.slice(0, 40)} ${[...held.map(({ name }) => name), ...(labels ? ['list of labels'] : [])].join(', ')}`;
  const rules = exactly(version);
  if (!withSchemas(rules)) {
    return refusal(version, what, say`this version is not known`);
  }
  const schemas = SCHEMAS[rules.id];
  const problems = held.flatMap(({ schema }): IFinding[] => {
    const name = strict && Object.hasOwn(schemas, `strict_${schema}`) ? `strict_${schema}` : schema;
    // Not every version has a schema for everything that its prose describes.
    return Object.hasOwn(schemas, name) ? check(record(schemas[name]), attributes, schemasOf(rules.id)) : [];
  });
  const root = rootOf(metadata);
  problems.push(...wellPlaces(version, metadata, root));
  if (labels && !(Array.isArray(values.labels) && values.labels.every(label => typeof label === 'string'))) {
    problems.push({ pointer: `${root}/labels`, text: say`must be a list of names` });
  }
  return { version, rules, what, valid: problems.length === 0, problems };
}

/** Strictly: a name of a version itself, or of a development version of one that is still in development. */
function exactly(version: string): IVersion | undefined {
  const named = versionNamed(version);
  return named && (named.id === version || named.id.endsWith('-dev')) ? named : undefined;
}
