import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { cleanText, localised } from '../../core';
import type { Said } from '../../core';
import type { ISeries } from '../../ngff';

/** Rows that Page Up and Page Down go. */
const PAGE = 10;

/** What the list of a collection is made from. */
export interface ISeriesListOptions {
  series: readonly ISeries[];
  notices: readonly Said[];
  trans: TranslationBundle;
  /** Address of a picture; without it rows have none. */
  picture?: (path: string, signal: AbortSignal) => Promise<string | null>;
  choose(series: ISeries): void;
}

/** The images of a collection, one of them chosen. Rows that are out of sight are not laid out, and ask for no picture. */
export class SeriesList extends Widget {
  constructor(private readonly _options: ISeriesListOptions) {
    super();
    this.addClass('jp-BioImageSeries');
    const { series, notices, trans } = _options;
    const heading = document.createElement('h3');
    heading.className = 'jp-BioImageSeries-title';
    heading.textContent = trans._n('%1 image', '%1 images', series.length);
    this._list.className = 'jp-BioImageSeries-list';
    this._list.setAttribute('role', 'listbox');
    this._list.setAttribute('aria-label', trans.__('Images of the collection'));
    this._rows = series.map((one, index) => this._row(one, index));
    this._list.append(...this._rows);
    this.node.append(heading);
    if (notices.length) {
      this.node.append(noticesOf(notices, trans));
    }
    this.node.append(this._list);
    this._list.addEventListener('click', event => this._onClick(event));
    this._list.addEventListener('keydown', event => this._onKey(event));
    this._activate(0);
  }

  /** Marks the image that is shown. */
  mark(path: string): void {
    const index = this._options.series.findIndex(one => one.path === path);
    if (index === this._chosen) {
      return;
    }
    this._rows[this._chosen]?.setAttribute('aria-selected', 'false');
    this._chosen = index;
    this._rows[index]?.setAttribute('aria-selected', 'true');
    if (index >= 0) {
      this._activate(index);
      this._reveal(index);
    }
  }

  focusChosen(): void {
    this._rows[this._active]?.focus({ preventScroll: true });
  }

  start(): void {
    this._list.scrollTop = this._scroll;
    if (this._options.picture && !this._seen) {
      this._seen = new IntersectionObserver(entries => this._onSeen(entries), { root: this._list, rootMargin: '100px' });
      this._rows.forEach(row => this._seen?.observe(row));
    }
  }

  stop(): void {
    this._scroll = this._list.scrollTop;
  }

  override dispose(): void {
    this._seen?.disconnect();
    this._asking.abort();
    super.dispose();
  }

  private _row({ path, name, size }: ISeries, index: number): HTMLElement {
    const row = document.createElement('div');
    row.className = 'jp-BioImageSeries-row';
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', 'false');
    row.dataset.index = String(index);
    row.tabIndex = -1;
    const title = document.createElement('span');
    title.className = 'jp-BioImageSeries-name';
    title.textContent = cleanText(name) || cleanText(path);
    const note = document.createElement('span');
    note.className = 'jp-BioImageSeries-note';
    note.textContent = [name ? cleanText(path) : '', size ? sizeText(size, this._options.trans) : ''].filter(text => text !== '').join(' · ');
    const words = document.createElement('span');
    words.className = 'jp-BioImageSeries-words';
    words.append(title, note);
    if (this._options.picture) {
      const frame = document.createElement('span');
      frame.className = 'jp-BioImageSeries-picture';
      row.append(frame);
    }
    row.append(words);
    row.title = `${title.textContent}\n${note.textContent}`;
    return row;
  }

  private _onSeen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        this._seen?.unobserve(target);
        void this._show(target as HTMLElement);
      }
    }
  }

  private async _show(row: HTMLElement): Promise<void> {
    const { series, picture } = this._options;
    const address = await picture?.(series[Number(row.dataset.index)].path, this._asking.signal);
    if (address && !this.isDisposed) {
      const image = document.createElement('img');
      image.alt = '';
      image.src = address;
      row.querySelector('.jp-BioImageSeries-picture')?.replaceChildren(image);
    }
  }

  private _activate(index: number): void {
    this._rows[this._active]?.setAttribute('tabindex', '-1');
    this._active = index;
    this._rows[index]?.setAttribute('tabindex', '0');
  }

  private _reveal(index: number): void {
    const [row, list] = [this._rows[index], this._list];
    const top = row.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top - list.clientHeight / 2;
    }
  }

  private _at(event: Event): number | null {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    return row ? Number(row.dataset.index) : null;
  }

  private _onClick(event: MouseEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._activate(index);
      this._rows[index].focus({ preventScroll: true });
      this._choose(index);
    }
  }

  private _choose(index: number): void {
    if (index !== this._chosen) {
      this._options.choose(this._options.series[index]);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const index = this._at(event);
    if (index === null || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this._choose(index);
      return;
    }
    const last = this._rows.length - 1;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -last, End: last };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const to = Math.max(0, Math.min(last, index + step));
      this._activate(to);
      this._rows[to].focus();
    }
  }

  private readonly _list = document.createElement('div');
  private readonly _rows: readonly HTMLElement[];
  private readonly _asking = new AbortController();
  private _seen: IntersectionObserver | null = null;
  private _active = 0;
  private _chosen = -1;
  private _scroll = 0;
}

function sizeText({ x, y, z, c, t }: NonNullable<ISeries['size']>, trans: TranslationBundle): string {
  const more = [
    z > 1 ? trans.__('%1 planes', z) : '',
    c > 1 ? trans.__('%1 channels', c) : '',
    t > 1 ? trans.__('%1 times', t) : ''
  ].filter(text => text !== '');
  return [`${x} × ${y}`, ...more].join(', ');
}

function noticesOf(notices: readonly Said[], trans: TranslationBundle): HTMLElement {
  const list = document.createElement('ul');
  list.className = 'jp-BioImagePreview-notices';
  list.setAttribute('aria-label', trans.__('Notices'));
  list.append(
    ...notices.map(notice => {
      const item = document.createElement('li');
      item.textContent = cleanText(localised(trans, notice));
      return item;
    })
  );
  return list;
}
