import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { BioImageError } from '../core';
import type { IAddress } from './recognise';

/** One source's share of the results. */
export interface IGroup {
  readonly source: ICatalogueSource;
  status: 'loading' | 'ready' | 'failed';
  items: readonly CatalogueItem[];
  /** All that match, where the source knows. */
  total?: number;
  /** There when more can be asked for. */
  cursor?: string;
  error?: BioImageError;
}

/** One row of the list. `group` is what its heading is about; rows of a group stand together. */
export type IRow = { readonly key: string; readonly group: string; readonly label?: string } & (
  | { readonly kind: 'address'; readonly address: IAddress }
  | { readonly kind: 'recent'; readonly address: IAddress }
  | { readonly kind: 'item'; readonly item: CatalogueItem }
  | { readonly kind: 'root'; readonly source: ICatalogueSource }
  | { readonly kind: 'more'; readonly source: string; readonly loading: boolean }
);

/** Everything that decides which rows are shown. */
export interface IShown {
  address: IAddress | null;
  recent: readonly IAddress[];
  roots: readonly ICatalogueSource[];
  groups: readonly IGroup[];
}

/** The rows in their order: the address, recent images, sources by rank, and the stores that can be browsed. */
export function rowsOf({ address, recent, roots, groups }: IShown): IRow[] {
  const rows: IRow[] = [];
  if (address !== null) {
    rows.push({ key: 'address', group: 'address', kind: 'address', address });
  }
  for (const { source, items, cursor, status } of groups) {
    const group = { group: `source:${source.id}`, label: source.label };
    for (const item of items) {
      rows.push({ ...group, key: `${source.id} ${isStudy(item) ? item.accession : item.id}`, kind: 'item', item });
    }
    if (cursor !== undefined) {
      rows.push({ ...group, key: `${source.id} more`, kind: 'more', source: source.id, loading: status === 'loading' });
    }
  }
  for (const source of roots) {
    rows.push({ key: `root ${source.id}`, group: 'roots', kind: 'root', source });
  }
  for (const one of recent) {
    rows.push({ key: `recent ${one.uri}`, group: 'recent', kind: 'recent', address: one });
  }
  return rows;
}
