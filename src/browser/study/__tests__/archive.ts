/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import type { CatalogueItem, ICatalogueSource } from '../../../catalogue';
import { BioImageError, say } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery, IStudyDetails } from '../../../entities';

/** An image of a made-up archive. */
export function image(id: string, changes: Partial<IImageRecord> = {}): IImageRecord {
  return { source: 'a', id, uri: `https://a.example/${id}.zarr`, title: id, kind: 'image', viewable: true, ...changes };
}

/** A study of a made-up archive. */
export function study(changes: Partial<IStudyDetails> = {}): IStudyDetails {
  return {
    source: 'a',
    accession: 'S-1',
    title: 'Light sheets',
    people: [],
    keywords: [],
    publications: [],
    datasets: [],
    attributes: [],
    notices: [],
    ...changes
  };
}

/** A study with everything that a page can show. */
export const FULL = study({
  title: 'Light sheets of <b>fish</b>',
  released: '2023-05-01',
  licence: { text: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
  page: 'https://archive.example/S-1',
  doi: '10.6019/S-1',
  images: 5,
  viewable: 2,
  files: 240,
  bytes: 530e9,
  abstract: '<p>Fish <i>swim</i>.</p><script>alert(1)</script>',
  people: Array.from({ length: 9 }, (_, index) => ({
    name: `Author ${index}`,
    ...(index === 0 ? { orcid: '0000-0002-0456-6912', affiliation: 'Institute' } : {})
  })),
  keywords: ['zebrafish', 'light sheet'],
  publications: [
    { title: 'How fish swim', doi: '10.1000/182', year: '2022' },
    { title: 'In PubMed', pubmed: '123' }
  ],
  datasets: [
    { id: 'd1', title: 'Embryos', images: 3, viewable: 2, files: 200, bytes: 500e9 },
    { id: 'd2', title: 'Adults', images: 2, viewable: 0, exact: false }
  ],
  attributes: [{ name: 'Organism', value: 'Danio rerio', url: 'https://a.example/7955' }],
  notices: [say`The field “Licence” was odd.`]
});
/** Images of every kind. */
export const IMAGES: readonly IImageRecord[] = [
  image('fish one', { dataset: 'd1', version: '0.4', size: { x: 512, y: 256, z: 30, c: 2, t: 1 }, bytes: 1234567 }),
  image('plate', { dataset: 'd1', kind: 'plate' }),
  image('raw', {
    dataset: 'd2',
    uri: '',
    viewable: false,
    convertible: true,
    reason: say`TIFF, not OME-Zarr`,
    page: 'https://a.example/raw'
  }),
  image('gone', {
    dataset: 'd2',
    viewable: false,
    reason: say`moved or removed`,
    formerUri: 'https://old.example/gone.zarr'
  })
];
/** Files of every kind. */
export const FILES: readonly IFileEntry[] = [
  { path: 'a/b/fish.zarr', kind: 'folder', image: IMAGES[0], dataset: 'd1' },
  { path: 'a/b', kind: 'folder' },
  { path: 'a/notes.txt', kind: 'file', bytes: 999_999, uri: 'https://a.example/notes.txt' }
];

type Question = 'study' | 'images' | 'files';

/** An archive in memory that can be slow or fail, question by question, and counts what it was asked. */
export class Archive implements ICatalogueSource {
  readonly id = 'a';
  readonly label = 'Archive';
  /** Questions in the order in which they came. */
  readonly asked: [Question, IQuery | null][] = [];
  aborted = 0;
  /** What fails, with what; taken away by whoever lets it succeed. */
  readonly failures = new Map<Question, Error>();
  /** What answers only when `release` is called. */
  readonly held = new Set<Question>();

  constructor(
    readonly content: {
      study?: IStudyDetails;
      images?: readonly IImageRecord[];
      files?: readonly IFileEntry[];
      /** Changes a page on its way out. */
      page?: (page: IPage<IImageRecord>) => IPage<IImageRecord>;
    }
  ) {}

  async search(): Promise<IPage<CatalogueItem>> {
    return { items: [] };
  }

  async study(_accession: string, signal: AbortSignal): Promise<IStudyDetails> {
    await this.begin('study', null, signal);
    if (this.content.study === undefined) {
      throw new BioImageError('NOT_FOUND', say`There is no such study.`);
    }
    return this.content.study;
  }

  async images(_accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    await this.begin('images', query, signal);
    const found = (this.content.images ?? []).filter(
      one => one.title.includes(query.text) && (query.dataset === undefined || one.dataset === query.dataset)
    );
    return (this.content.page ?? (page => page))(paged(found, query));
  }

  async files(_accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IFileEntry>> {
    await this.begin('files', query, signal);
    return paged(
      (this.content.files ?? []).filter(({ path }) => path.includes(query.text)),
      query
    );
  }

  /** Lets what is held answer. */
  release(): void {
    this.held.clear();
    this.waiting.splice(0).forEach(go => go());
  }

  count(question: Question): number {
    return this.asked.filter(([name]) => name === question).length;
  }

  private async begin(question: Question, query: IQuery | null, signal: AbortSignal): Promise<void> {
    this.asked.push([question, query]);
    if (this.held.has(question)) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => {
          this.aborted++;
          reject(signal.reason as Error);
        });
      });
    }
    const failure = this.failures.get(question);
    if (failure !== undefined) {
      throw failure;
    }
  }

  private readonly waiting: (() => void)[] = [];
}

function paged<T>(all: readonly T[], { cursor, limit }: IQuery): IPage<T> {
  const start = Number(cursor ?? 0);
  const end = start + (limit ?? all.length);
  return { items: all.slice(start, end), total: all.length, ...(end < all.length ? { cursor: String(end) } : {}) };
}
