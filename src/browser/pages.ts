import type { ICatalogueSource } from '../catalogue';
import { toBioImageError } from '../core';
import type { IImageRecord, IStudy } from '../entities';
import type { INotice } from './notice';
import type { IHit } from './recognised';
// Not through the folder's door: the state of the panel runs without a page, the views do not.
import { StudyModel } from './study/model';

/** What the pages ask of the panel's model. */
export interface IPagesHost {
  source(id: string): ICatalogueSource | undefined;
  /** Resolves when the sources of this session are there, or cannot be had. */
  populated(): Promise<void>;
  /** There is something else to tell, or nothing any more. */
  said(): void;
  /** Which page is open has changed. */
  changed(): void;
  /** Something on the page has changed that is kept. */
  touched(): void;
}

/** What a person has opened from the list: one page of a study at a time, or an image that is looked up first. */
export class Pages {
  constructor(private readonly host: IPagesHost) {}

  get study(): StudyModel | null {
    return this._study;
  }

  /** What is to be told about the last thing that was done. */
  get notice(): INotice | null {
    return this._notice;
  }

  say(notice: INotice | null): void {
    this._notice = notice;
    this.host.said();
  }

  /** Opens the page of a study, once its source is there; says so where it is not. `page` is what the page kept before. */
  async open(id: string, accession: string, options: { summary?: IStudy; page?: unknown } = {}): Promise<void> {
    this.close();
    const visit = this.visit;
    if (this.host.source(id)?.study === undefined) {
      await this.host.populated();
    }
    if (visit !== this.visit) {
      return;
    }
    const source = this.host.source(id);
    if (source?.study === undefined) {
      this.say({ kind: 'no-source', source: id, name: accession });
      return;
    }
    const study = (this._study = new StudyModel({ source, accession, summary: options.summary, memory: options.page }));
    study.changed.connect(() => this.host.touched(), this);
    this.host.changed();
    await study.load();
  }

  /** Opens the page of a study by its name; where the source does not know it after all, the next one that has such names. */
  async openNamed(hits: readonly (IHit & { kind: 'study' })[]): Promise<void> {
    for (const { source, accession } of hits) {
      const opened = this.open(source.id, accession);
      const { visit } = this;
      await opened;
      if (visit !== this.visit || this.study?.error?.code !== 'NOT_FOUND') {
        return;
      }
    }
  }

  /** Back to the list; whatever was being opened is not opened any more. */
  close(): void {
    this.visit++;
    this._notice = null;
    this.abort.abort();
    this.abort = new AbortController();
    if (this._study !== null) {
      this._study.dispose();
      this._study = null;
      this.host.changed();
    }
  }

  /** The record of an image that was recognised by its id; `null` where it cannot be viewed or had, which is said. */
  async image({ source, id }: IHit & { kind: 'image' }): Promise<IImageRecord | null> {
    this.close();
    const { signal } = this.abort;
    this.say({ kind: 'asking', source: source.label, name: id });
    try {
      const image = await source.image?.(id, signal);
      if (signal.aborted || image === undefined) {
        return null;
      }
      this.say(image.viewable ? null : { kind: 'not-viewable', title: image.title, reason: image.reason });
      return image.viewable ? image : null;
    } catch (reason) {
      if (!signal.aborted) {
        this.say({ kind: 'failed', error: toBioImageError(reason) });
      }
      return null;
    }
  }

  private _study: StudyModel | null = null;
  private _notice: INotice | null = null;
  private visit = 0;
  private abort = new AbortController();
}
