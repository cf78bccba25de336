import { Ajv2020 } from 'ajv/dist/2020';
import type { ErrorObject } from 'ajv/dist/2020';
import { SCHEMAS } from './schemas';

/** The OME metadata of one group. */
export interface IMetadata {
  readonly zarrFormat: 2 | 3;
  /** All attributes of the group; since 0.5 the schemas describe these, `ome` included. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What stands under `ome` since 0.5, and at the top before. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** One judgement; `what` names version and kinds, `problems` are the schema's objections. */
export interface IJudgement {
  readonly version: string;
  readonly what: string;
  readonly valid: boolean;
  readonly problems: readonly string[];
}

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

/** Objections that are printed; the rest is counted. */
const MAX_PROBLEMS = 5;

const compilers = new Map<string, Ajv2020>();

/** One compiler per version, for some versions use the same schema id. Formats and unknown keywords are not checked. */
function compilerOf(version: string): Ajv2020 {
  const known = compilers.get(version);
  if (known) {
    return known;
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  for (const [name, schema] of Object.entries(SCHEMAS[version])) {
    ajv.addSchema(schema, name);
  }
  compilers.set(version, ajv);
  return ajv;
}

/** The folder of schemas for a version; all development versions of 0.6 share one. */
function folderOf(version: string): string | undefined {
  if (Object.hasOwn(SCHEMAS, version)) {
    return version;
  }
  return /^0\.6(\.dev|-dev|rc|$)/.test(version) ? '0.6-dev' : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The version as declared, wherever each version keeps it. */
export function declaredVersion(values: Readonly<Record<string, unknown>>): string | undefined {
  const first: unknown = Array.isArray(values.multiscales) ? values.multiscales[0] : undefined;
  const holders = [values, first, values.plate, values.well, values['image-label'], values.omero];
  return holders
    .filter(isRecord)
    .map(({ version }) => version)
    .find((version): version is string => typeof version === 'string');
}

function describe({ instancePath, message = 'is wrong', params }: ErrorObject): string {
  const allowed = Array.isArray(params.allowedValues) ? ` (${params.allowedValues.map(String).join(', ')})` : '';
  return `${instancePath || '/'} ${message}${allowed}`;
}

function shorten(problems: readonly string[]): string[] {
  const different = [...new Set(problems)];
  const rest = different.length - MAX_PROBLEMS;
  return rest > 0 ? [...different.slice(0, MAX_PROBLEMS), `and ${rest} more`] : different;
}

/**
 * The one sentence of prose that a suite of the specification counts as invalid: since 0.5 a well lies at
 * `<row>/<column>` (section 2.4.5). The suites of 0.4 and 0.6 have valid plates the other way round.
 */
function wellPlaces(version: string, values: Readonly<Record<string, unknown>>): string[] {
  const plate = isRecord(values.plate) && version === '0.5' ? values.plate : {};
  const nameOf = (list: unknown, index: unknown): unknown => {
    const item: unknown = Array.isArray(list) && typeof index === 'number' ? list[index] : undefined;
    return isRecord(item) ? item.name : undefined;
  };
  const wells: readonly unknown[] = Array.isArray(plate.wells) ? plate.wells : [];
  return wells.filter(isRecord).flatMap(({ path, rowIndex, columnIndex }, i) => {
    const [row, column] = [nameOf(plate.rows, rowIndex), nameOf(plate.columns, columnIndex)];
    const known = typeof row === 'string' && typeof column === 'string' && typeof path === 'string';
    return known && path !== `${row}/${column}` ? [`/ome/plate/wells/${i}/path must be ${row}/${column}`] : [];
  });
}

function refusal(version: string, what: string, problem: string): IJudgement {
  return { version, what, valid: false, problems: [problem] };
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
    return refusal('', 'OME-Zarr', 'there is no OME-Zarr metadata');
  }
  const version = declaredVersion(values) ?? (zarrFormat === 2 ? '0.4' : undefined);
  if (version === undefined) {
    return refusal('', 'OME-Zarr', 'the version is not named');
  }
  const what = `OME-Zarr ${version.slice(0, 40)} ${[...held.map(({ name }) => name), ...(labels ? ['list of labels'] : [])].join(', ')}`;
  const folder = folderOf(version);
  if (!folder) {
    return refusal(version, what, 'this version is not known');
  }
  const ajv = compilerOf(folder);
  const problems = held.flatMap(({ schema }) => {
    const strictly = strict ? ajv.getSchema(`strict_${schema}`) : undefined;
    const check = strictly ?? ajv.getSchema(schema);
    // Not every version has a schema for everything that its prose describes.
    return !check || check(attributes) === true ? [] : (check.errors ?? []).map(describe);
  });
  problems.push(...wellPlaces(version, values));
  if (labels && !(Array.isArray(values.labels) && values.labels.every(label => typeof label === 'string'))) {
    problems.push('/labels must be a list of names');
  }
  return { version, what, valid: problems.length === 0, problems: shorten(problems) };
}
