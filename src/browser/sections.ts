import type { ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { IFavourite } from './favourites';
import { favouriteKey } from './favourites';
import type { Group } from './group';
import type { IAddress } from './recognise';
import type { IHit } from './recognised';
import { hitName } from './recognised';
import type { IRow, ISection } from './rows';
import { sectionOf } from './rows';

/** Items of a group that are looked through for the title of something: those a person is likely to see. */
const NEAR = 200;

/** What decides what the list shows. */
export interface IShown {
  readonly address: IAddress | null;
  readonly hits: readonly IHit[];
  readonly groups: readonly Group[];
}

/** What stands there before anything is asked for. */
export interface ILanding {
  readonly favourites: readonly IFavourite[];
  readonly roots: readonly ICatalogueSource[];
  readonly recent: readonly IAddress[];
  /** What people call a source. */
  label(source: string): string;
}

/** What stands there before anything is asked for. */
export function landingOf(
  sources: readonly ICatalogueSource[],
  favourites: readonly IFavourite[],
  recent: readonly IAddress[]
): ILanding {
  return {
    favourites,
    recent,
    roots: sources.filter(source => source.landing === 'folder' && source.browse !== undefined),
    label: id => sources.find(source => source.id === id)?.label ?? id
  };
}

/** What is named by the text itself: records of archives, then the address as it is. */
function openSection({ address, hits }: IShown): ISection {
  const named: IRow[] = hits.map(hit => ({
    key: `hit ${hit.source.id} ${hit.kind} ${hitName(hit)}`,
    kind: 'hit',
    hit
  }));
  const typed: IRow[] = address === null ? [] : [{ key: 'address', kind: 'address', address }];
  return sectionOf('open', { kind: 'open' }, [...named, ...typed], row => row);
}

/** Recent images under the titles that a source gives them. */
function titled(recent: readonly IAddress[], groups: readonly Group[]): IAddress[] {
  const listed = groups.flatMap(({ shown }) => shown.slice(0, NEAR));
  return recent.map(({ uri, title }) => {
    const item = listed.find(one => !isStudy(one) && one.uri === uri);
    return { uri, title: item?.title ?? title };
  });
}

/** The sections in their order: what the text names, favourites, sources by rank, stores to browse, recent images. */
export function sectionsOf(shown: IShown, landing: ILanding | null): ISection[] {
  const { groups } = shown;
  const results = groups.map(group => group.section());
  if (landing === null) {
    return [openSection(shown), ...results];
  }
  return [
    sectionOf('favourites', { kind: 'favourites' }, landing.favourites, favourite => {
      const label = favourite.source === undefined ? '' : landing.label(favourite.source);
      return { key: `favourite ${favouriteKey(favourite)}`, kind: 'favourite', favourite, label };
    }),
    ...results,
    sectionOf('roots', { kind: 'roots' }, landing.roots, source => {
      return { key: `root ${source.id}`, kind: 'root', source };
    }),
    sectionOf('recent', { kind: 'recent' }, titled(landing.recent, groups), address => {
      return { key: `recent ${address.uri}`, kind: 'recent', address };
    })
  ];
}

/** The name or id is the text itself, with or without `.zarr`. */
function isExact(row: IRow, text: string): boolean {
  if (row.kind !== 'item') {
    return false;
  }
  const { item } = row;
  const wanted = text.toLowerCase();
  const names = isStudy(item) ? [item.accession, item.title] : [item.id, item.title];
  return names.some(name => {
    const low = name.toLowerCase();
    return low === wanted || low.replace(/(\.ome)?\.zarr$/, '') === wanted;
  });
}

/** The only row of that very name; `null` where there is none, or more than one. */
export function exactRow(groups: readonly Group[], text: string): IRow | null {
  const found: IRow[] = [];
  for (const group of groups) {
    for (let index = 0; index < group.shown.length && found.length < 2; index++) {
      if (group.twins?.places.has(index) !== true && isExact(group.row(index), text)) {
        found.push(group.row(index));
      }
    }
  }
  return found.length === 1 ? found[0] : null;
}
