import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { IImage } from '../../ngff';
import { shownValue } from '../../pixels';
import type { IChannelState } from './model';
import { element } from './overlay';
import { labelsText, physical, placeText, readoutAttributes } from './readout';
import type { IReadout } from './readout';

/** Attributes that go away when there is no pixel under the pointer. */
const ATTRIBUTES = ['data-level', 'data-index', 'data-channels', 'data-values', 'data-labels'];

/** What the footer is made from. */
export interface IFooterOptions {
  image: IImage;
  trans: TranslationBundle;
  copy: (text: string) => Promise<void>;
}

/** The line under the image: value and place under the pointer, level and zoom. Plain DOM: it follows the pointer. */
export class Footer extends Widget {
  constructor(private readonly _options: IFooterOptions) {
    super();
    this.addClass('jp-BioImagePreview-footer');
    const { trans } = _options;
    this._value = element('span', 'value');
    this._value.dataset.testid = 'pixel-value';
    this._place = element('span', 'place');
    this._labels = element('span', 'labelIds');
    this._labels.dataset.testid = 'label-ids';
    this._view = element('span', 'viewState');
    this._said.className = 'jp-BioImage-hidden';
    this._said.setAttribute('role', 'status');
    this._copyValue = this._button(trans.__('Copy value'), () => this.copyValue());
    this._copyPlace = this._button(trans.__('Copy position'), () => this.copyPlace());
    this.node.append(this._value, this._labels, this._place, this._copyValue, this._copyPlace, this._view, this._said);
    this.showPixel(null, []);
  }

  /** Shows the pixel under the pointer, or that there is none. The last one stays there for copying. */
  showPixel(readout: IReadout | null, channels: readonly IChannelState[]): void {
    for (const name of ATTRIBUTES) {
      this._value.removeAttribute(name);
    }
    this._value.textContent = this._value.title = '';
    this._labels.textContent = this._labels.title = '';
    this._place.textContent = '';
    if (readout) {
      this._value.textContent = this._value.title = this._text(readout, channels);
      for (const [name, value] of Object.entries(readoutAttributes(readout))) {
        this._value.setAttribute(name, value);
      }
      this._labels.textContent = this._labels.title = labelsText(readout.labels ?? [], this._options.trans.__('no data'));
      const real = physical(this._options.image, readout);
      this._place.textContent = `x ${readout.index.x}, y ${readout.index.y}${real ? ` · ${real}` : ''}`;
      if (readout.values) {
        this._last = { place: `${placeText(readout)}${real ? ` (${real})` : ''}`, value: this._plain(readout) };
      }
    }
    this._copyValue.disabled = this._copyPlace.disabled = this._last === null;
  }

  /** Zoom and level; the level's size is in the tooltip, for the place under the pointer needs the room. */
  setView(zoom: string, index: number, levels: readonly { width: number; height: number }[]): void {
    const { trans } = this._options;
    const { width, height } = levels[index];
    const view = levels.length > 1 ? trans.__('%1 % · level %2 of %3', zoom, index, levels.length - 1) : trans.__('%1 %', zoom);
    const byServer = this._options.image.levels[index].array.decodedBy === 'server';
    this._view.textContent = byServer ? trans.__('%1 · decoded by the server', view) : view;
    this._view.title = trans.__('Zoom, and the level shown: %1 × %2 pixels', width, height);
  }

  copyValue(): void {
    this._copy(this._last?.value);
  }

  copyPlace(): void {
    this._copy(this._last?.place);
  }

  /** Copies and says so, in the place of the position until the pointer moves on. */
  private _copy(text: string | undefined): void {
    if (text === undefined) {
      return;
    }
    const { trans } = this._options;
    const say = (said: string): void => {
      this._place.textContent = said;
      this._said.textContent = said;
    };
    this._options.copy(text).then(
      () => say(trans.__('Copied: %1', text)),
      () => say(trans.__('The browser did not allow copying.'))
    );
  }

  private _text(readout: IReadout, channels: readonly IChannelState[]): string {
    const { trans } = this._options;
    if (!readout.values) {
      return readout.unread ? trans.__('not read') : trans.__('reading…');
    }
    const noData = trans.__('no data');
    const shown = readout.values.map(value => shownValue(value, noData));
    return shown.length === 1
      ? shown[0]
      : shown.map((value, i) => `${channels[readout.channels[i]].label}: ${value}`).join('  ');
  }

  /** Values alone, as they are pasted into code: one, or a list. */
  private _plain({ values = [] }: IReadout): string {
    const shown = values.map(value => shownValue(value, 'None'));
    return shown.length === 1 ? shown[0] : `[${shown.join(', ')}]`;
  }

  private _button(label: string, run: () => void): HTMLButtonElement {
    const button = element('button', 'button') as HTMLButtonElement;
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', run);
    return button;
  }

  private readonly _value: HTMLElement;
  private readonly _labels: HTMLElement;
  private readonly _place: HTMLElement;
  private readonly _view: HTMLElement;
  private readonly _said = document.createElement('span');
  private readonly _copyValue: HTMLButtonElement;
  private readonly _copyPlace: HTMLButtonElement;
  private _last: { value: string; place: string } | null = null;
}
