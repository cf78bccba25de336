import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { BioImageError, Said } from '../core';
import type { FacetId, FacetValues, IFacet, IPage } from '../entities';
import { Tally } from './facets';
import { ownFacets, passes, valuesOf } from './filters';
import type { IRow, ISection } from './rows';
import type { ITwins } from './twins';
import { commonAccession } from './twins';

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
  notices: readonly Said[] = [];
  /** What there is among those shown. */
  hasStudies = false;
  hasImages = false;
  /** Studies that other sources may list too, by accession, with where they stand in `shown`. */
  readonly common = new Map<string, number>();
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
        const accession = commonAccession(item);
        if (accession !== null) {
          this.common.set(accession, this.shown.length);
        }
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

  /** Rows that are left out of the list, because they stand further up in that of another source. */
  get twins(): ITwins | null {
    return this._twins;
  }
  set twins(twins: ITwins | null) {
    this._twins = twins;
    const left = twins === null ? null : [...this.shown.keys()].filter(place => !twins.places.has(place));
    // The row after the last one asks for more.
    this.places = left === null ? null : [...left, this.shown.length];
  }

  /** The group as a part of the list, as it is now. */
  section(): ISection {
    const { source, cursor, from, status, places } = this;
    const count = places === null ? this.shown.length : places.length - 1;
    const more: IRow = { key: `${source.id} more`, kind: 'more', source: source.id, status };
    return {
      id: `source ${source.id}`,
      heading: { kind: 'source', label: source.label, from, notices: this.notices },
      count: this.cannot.length > 0 ? 0 : count + (cursor === undefined ? 0 : 1),
      row: index => (index < count ? this.row(places?.[index] ?? index) : more),
      ...(places === null ? {} : { places })
    };
  }

  /** The row of an item: the same object each time, so that what is drawn of it stays. */
  row(index: number): IRow {
    const { source, shown, rows } = this;
    return (rows[index] ??= { key: `${source.id} ${index}`, kind: 'item', item: shown[index], from: source });
  }

  private _twins: ITwins | null = null;
  /** Places in `shown` of the rows that are listed, and of what follows them; `null` where all are. */
  private places: readonly number[] | null = null;
  private readonly own: readonly FacetId[];
  private readonly unknown: Set<FacetId>;
  /** Only those that were asked for. */
  private readonly rows: Record<number, IRow> = {};
}
