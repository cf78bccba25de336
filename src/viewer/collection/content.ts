import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { cleanText } from '../../core';
import type { ISelection } from '../../entities';
import type { ICollection } from '../../ngff';
import type { IContent, IContentOptions, IParts } from '../content';
import { alertElement } from '../alert';
import { SeriesList } from './list';
import { SeriesPictures } from './pictures';

/** A collection: the list of its images, beside the one that is shown. */
export function collectionContent(node: ICollection, options: IContentOptions): IContent {
  return new CollectionContent(node, options);
}

class CollectionContent implements IContent {
  constructor(node: ICollection, options: IContentOptions) {
    const { host, opened } = options;
    const { trans } = host;
    this._pictures = new SeriesPictures(host, opened);
    this._list = new SeriesList({
      series: node.series,
      notices: node.notices,
      trans,
      picture: this._pictures.isThere ? (path, signal) => this._pictures.get(path, signal) : undefined,
      choose: ({ path, name }) => options.enter({ kind: 'series', path, name })
    });
    if (node.series.length === 0) {
      this._empty = new Widget();
      this._empty.addClass('jp-BioImagePreview-view');
      const next = trans.__('Check the address, or open one of the images in it by its own address.');
      const title = trans.__('This collection names no images');
      this._empty.node.append(alertElement({ title, cause: cleanText(node.name), next, calm: true, actions: [] }));
    }
  }

  get parts(): IParts {
    return { list: this._list, ...(this._empty ? { main: this._empty } : {}) };
  }

  readonly exact = true;
  readonly damaged = 0;
  readonly pending = 0;
  readonly failure = null;
  readonly selection: ISelection = {};
  readonly state: ISelection = {};

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._list.isDisposed;
  }

  /** Marks the image that is shown. */
  beside(path: string): void {
    this._list.mark(path);
  }

  select(): void {
    // which image is shown is decided by the place
  }

  start(): void {
    this._list.start();
  }

  stop(): void {
    this._list.stop();
  }

  focus(): void {
    this._list.focusChosen();
  }

  dispose(): void {
    this._list.dispose();
    this._empty?.dispose();
    this._pictures.dispose();
    Signal.clearData(this);
  }

  private readonly _list: SeriesList;
  private readonly _pictures: SeriesPictures;
  private readonly _empty: Widget | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
