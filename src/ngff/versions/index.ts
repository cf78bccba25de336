import { v01 } from './v01';
import { v02 } from './v02';
import { v03 } from './v03';
import { v04 } from './v04';
import { v05 } from './v05';
import { v06 } from './v06';
import { v10 } from './v10';
import { record } from './version';
import type { IVersion, Json, Part } from './version';

export { record } from './version';
export type { IFrame, IVersion, Json, Part } from './version';

/** Every version whose rules are known, oldest first. */
export const VERSIONS: readonly IVersion[] = [v01, v02, v03, v04, v05, v06, v10];

/** What is assumed of a group that names no version. */
const UNNAMED: Readonly<Record<2 | 3, IVersion>> = { 2: v04, 3: v05 };

/** How metadata is to be read. */
export interface IRules {
  /** As declared, else as assumed; untrusted text. */
  readonly version: string;
  readonly declared: boolean;
  /** `undefined`: a version that is not known here. */
  readonly known: IVersion | undefined;
  /** The rules to read by. */
  readonly rules: IVersion;
}

/** The version as declared, wherever a version keeps it. */
export function declaredVersion(values: Json): string | undefined {
  const first: unknown = Array.isArray(values.multiscales) ? values.multiscales[0] : values.multiscale;
  const holders = [values, first, values.plate, values.well, values['image-label'], values.omero];
  return holders
    .map(holder => record(holder).version)
    .find((version): version is string => typeof version === 'string');
}

/** The table's entry for a name that metadata gives; `undefined` for one that is not known. */
export function versionNamed(name: string): IVersion | undefined {
  return VERSIONS.find(({ names }) => names.test(name));
}

function firstMultiscale(version: IVersion, values: Json): Json | undefined {
  const list = version.multiscales(values);
  return Array.isArray(list) && list.length > 0 ? record(list[0]) : undefined;
}

/**
 * The rules for a group's metadata: those of the version it names, unless its image is written in the words of another
 * one; then of the newest that recognises it. Up to 0.5 the words are the same, so that what is declared decides.
 */
export function rulesOf(values: Json, zarrFormat: 2 | 3): IRules {
  const name = declaredVersion(values);
  const known = name === undefined ? UNNAMED[zarrFormat] : versionNamed(name);
  const named = known ?? UNNAMED[zarrFormat];
  const reads = (version: IVersion): boolean => {
    const multiscale = firstMultiscale(version, values);
    return multiscale !== undefined && version.recognises(multiscale);
  };
  const written = [...VERSIONS].reverse().find(reads);
  const distinct = written !== undefined && VERSIONS.indexOf(written) >= VERSIONS.indexOf(v06);
  const rules = written && (distinct || !reads(named)) ? written : named;
  return { version: name ?? rules.id, declared: name !== undefined, known, rules };
}

/** Where the specification of `version` speaks of a part: version and heading. */
export function paragraphOf(version: IVersion, part: Part): string {
  return `OME-Zarr ${version.id}, ${version.headings[part] ?? `"${part}" metadata`}`;
}
