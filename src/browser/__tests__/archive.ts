import type { CatalogueItem, ICatalogueSource, IRecognised } from '../../catalogue';
import { MemorySource } from '../../catalogue';
import type { IImageRecord, IPage, IStudy, IStudyDetails } from '../../entities';

/** A study of a made-up archive. */
export function study(source: string, accession: string, changes: Partial<IStudy> = {}): IStudy {
  return { source, accession, title: `Study ${accession}`, ...changes };
}

/** An image of a made-up archive. */
export function picture(source: string, title: string, changes: Partial<IImageRecord> = {}): IImageRecord {
  return { source, id: title, uri: `https://a.example/${title}`, title, kind: 'image', viewable: true, ...changes };
}

/** What of an archive differs from a plain list in memory. */
export interface IArchiveOptions extends Partial<ICatalogueSource> {
  delay?: number;
  failure?: Error;
  /** Changes to every page of a search. */
  page?: Partial<IPage<CatalogueItem>>;
}

/** An archive in memory that knows its studies and recognises their accessions; what it was asked is in `counts`. */
export class Archive extends MemorySource {
  readonly filters: ICatalogueSource['filters'];
  readonly suggest: ICatalogueSource['suggest'];
  readonly recognise: ICatalogueSource['recognise'];
  readonly image: ICatalogueSource['image'];
  readonly asked: string[] = [];

  constructor(
    id: string,
    label: string,
    private readonly list: readonly CatalogueItem[],
    private readonly more: IArchiveOptions = {}
  ) {
    super(id, label, list, { rank: more.rank, delay: more.delay, failure: more.failure });
    this.filters = more.filters;
    this.suggest = more.suggest;
    this.recognise = more.recognise;
    this.image = more.image;
  }

  override async search(...args: Parameters<MemorySource['search']>): Promise<IPage<CatalogueItem>> {
    this.asked.push(JSON.stringify([args[0].text, args[0].filters ?? {}]));
    return { ...(await super.search(...args)), ...this.more.page };
  }

  study = async (accession: string): Promise<IStudyDetails> => {
    const found = this.list.find(item => 'accession' in item && item.accession === accession) as IStudy | undefined;
    const known = found ?? study(this.id, accession);
    return { ...known, people: [], keywords: [], publications: [], datasets: [], attributes: [], notices: [] };
  };
}

/** Recognises accessions that begin with a prefix, and numbers as ids of images. */
export function recogniser(prefix: string): (text: string) => IRecognised | null {
  return text => {
    if (/^\d+$/.test(text)) {
      return { kind: 'image', id: text };
    }
    return text.toUpperCase().startsWith(prefix) ? { kind: 'study', accession: text.toUpperCase() } : null;
  };
}
