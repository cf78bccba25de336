import type { IAttributes } from './image';
import { documentKey } from './levels';
import { record } from './versions';

/** How an image's documents lie in the store. */
export interface ILayout {
  readonly zarrFormat: 2 | 3;
  /** Keys of the levels' arrays, finest first; at least one. */
  readonly levels: readonly string[];
}

/** Group documents of both formats. */
export const ROOTS = ['zarr.json', '.zattrs'] as const;
/** Level 0 under the names that most writers use. */
const LIKELY = ['0/zarr.json', '0/.zarray', 's0/zarr.json', 's0/.zarray'] as const;
/**
 * Browsers open six connections to a host (HTTP/1.1): a seventh request would push another one into the next round. So
 * `scale0`, the rarest of the names, costs a stack a third round where nothing is known of the store.
 */
const CONNECTIONS = 6;

/**
 * Keys to ask for before anything is known of an image. `expected` is the layout of another image beside it: then level 0
 * and the coarsest level go first, which tell all that a guess needs, and level 0 of the other format keeps its place.
 */
export function probes(expected: ILayout | undefined): string[] {
  const [first, ...others] = expected?.levels ?? [];
  const levels = expected ? [first, others.at(-1) ?? first, others.at(0) ?? first] : [];
  const keys = levels.map(path => documentKey(path, expected?.zarrFormat ?? 3));
  return [...new Set([...ROOTS, ...keys, ...LIKELY])].slice(0, CONNECTIONS);
}

/** Keys of the documents of level 0 and of the coarsest level, as far as unchecked metadata names them. */
export function outerLevels({ values, zarrFormat, rules }: IAttributes): { first?: string; coarsest?: string } {
  const multiscales = rules.multiscales(values);
  const listed = Array.isArray(multiscales) ? rules.levels(record(multiscales[0])) : undefined;
  const datasets: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const key = (dataset: unknown): string | undefined => {
    const { path } = record(dataset);
    return typeof path === 'string' ? documentKey(path, zarrFormat) : undefined;
  };
  return { first: key(datasets.at(0)), coarsest: key(datasets.at(-1)) };
}
