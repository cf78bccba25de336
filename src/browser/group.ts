import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { BioImageError } from '../core';
import type { FacetId, FacetValues, IFacet, IPage } from '../entities';
import { Tally } from './facets';
import { ownFacets, passes, valuesOf } from './filters';
import type { IRow, ISection } from './rows';

/** Items of one source that the panel shows at most. */
export const MAX_ITEMS = 100_000;

/** One source's share of the results. It grows at its end, page by page. */
export class Group {
  status: 'loading' | 'ready' | 'failed' | 'cancelled' = 'loading';
  /** All that came, and those of them that have the chosen values. */
  readonly items: CatalogueItem[] = [];
  readonly shown: CatalogueItem[] = [];
  /** All that match, where the source knows; `exact` is false for an estimate or a lower bound. */
  total?: number;
  exact = true;
  /** There when more can be asked for. */
  cursor?: string;
  error?: BioImageError;
  /** Counts over all pages, where the source has them. */
  facets: readonly IFacet[] = [];
  from?: IPage<unknown>['from'];
  /** What the source has to say of its answer: rows that could not be read. */
  notices: readonly string[] = [];
  /** What there is among those shown. */
  hasStudies = false;
  hasImages = false;
  /** Counts over what came. */
  readonly tally = new Tally();

  constructor(
    readonly source: ICatalogueSource,
    private readonly filters: FacetValues = {}
  ) {
    this.own = ownFacets(source, filters);
    // Until an item has a value in it, nobody knows whether the source tells that facet at all.
    this.unknown = new Set(this.own);
  }

  /** Chosen facets in which neither the source can filter nor any of its items has a value: it is left out for them. */
  get cannot(): readonly FacetId[] {
    return this.status === 'ready' && this.items.length > 0 ? this.own.filter(facet => this.unknown.has(facet)) : [];
  }

  /** True where the panel itself leaves items out, so that the source's total says nothing about them. */
  get isFiltered(): boolean {
    return this.own.length > 0;
  }

  add(page: IPage<CatalogueItem>): void {
    for (const item of page.items.slice(0, MAX_ITEMS - this.items.length)) {
      this.items.push(item);
      this.unknown.forEach(facet => valuesOf(item, facet).length > 0 && this.unknown.delete(facet));
      if (passes(item, this.filters, this.own)) {
        this.shown.push(item);
        this.hasStudies ||= isStudy(item);
        this.hasImages ||= !isStudy(item);
        this.tally.add(item);
      }
    }
    // The last page knows best: estimates get better on the way.
    this.total = page.total;
    this.exact = page.exact ?? true;
    this.notices = page.notices ?? [];
    this.cursor = this.items.length < MAX_ITEMS ? page.cursor : undefined;
    this.facets = page.facets ?? this.facets;
    this.from = page.from;
    this.status = 'ready';
  }

  /** The group as a part of the list, as it is now. */
  section(): ISection {
    const { source, cursor, from, status } = this;
    const count = this.shown.length;
    const more: IRow = { key: `${source.id} more`, kind: 'more', source: source.id, status };
    return {
      id: `source ${source.id}`,
      heading: { kind: 'source', label: source.label, from, notices: this.notices },
      count: this.cannot.length > 0 ? 0 : count + (cursor === undefined ? 0 : 1),
      row: index => (index < count ? this.row(index) : more)
    };
  }

  /** The row of an item: the same object each time, so that what is drawn of it stays. */
  row(index: number): IRow {
    const { source, shown, rows } = this;
    return (rows[index] ??= { key: `${source.id} ${index}`, kind: 'item', item: shown[index], from: source });
  }

  private readonly own: readonly FacetId[];
  private readonly unknown: Set<FacetId>;
  /** Only those that were asked for. */
  private readonly rows: Record<number, IRow> = {};
}
