import type { TranslationBundle } from '@jupyterlab/translation';
import { scaleBar } from '../../core';
import type { IImage } from '../../ngff';
import type { IAction } from './messages';

/** Longest scale bar, as a part of the view's width and in CSS pixels. */
const BAR_PART = 0.3;
const BAR_MOST = 180;

/** What is drawn over the image as ordinary elements: scale bar, progress, messages. */
export class Overlay {
  constructor(view: HTMLElement, trans: TranslationBundle) {
    this._node = element('div', 'overlay');
    this._progress = element('div', 'progress');
    this._progress.setAttribute('role', 'progressbar');
    this._progress.setAttribute('aria-label', trans.__('Reading the image'));
    this._reading = element('span', 'reading');
    this._progress.append(this._reading);
    this._bar = element('div', 'scaleBar');
    this._bar.setAttribute('role', 'img');
    this._message = element('div', 'message');
    this._message.setAttribute('role', 'status');
    this._node.append(this._progress, this._message, this._bar);
    view.append(this._node);
    this._trans = trans;
  }

  /** Draws the scale bar for `unit` CSS pixels per level-0 pixel. Images without a unit get one in pixels. */
  scale(image: IImage, unit: number, width: number): void {
    const axis = image.at.x;
    const name = image.axes[axis].unit;
    const size = name ? image.levels[0].scale[axis] : 1;
    const bar = scaleBar(size / unit, name || 'pixel', Math.min(BAR_MOST, width * BAR_PART));
    this._bar.hidden = bar === null;
    if (bar) {
      this._bar.style.width = `${bar.pixels}px`;
      this._bar.textContent = bar.label;
      this._bar.setAttribute('aria-label', this._trans.__('Scale bar: %1', bar.label));
    }
  }

  /** Number of reads outstanding, shown while the view is not exact. */
  progress(pending: number, busy: boolean): void {
    this._progress.hidden = !busy;
    const text = pending > 0 ? this._trans._n('Not exact yet: %1 part to read', 'Not exact yet: %1 parts to read', pending) : this._trans.__('Not exact yet');
    if (busy && text !== this._reading.textContent) {
      this._reading.textContent = text;
    }
  }

  /** A message over the image, with what can be done about it (taken as the same where its words are); `null` takes it away. */
  message(text: string | null, ...actions: readonly IAction[]): void {
    const shown = text === null ? null : [text, ...actions.map(action => action.label)].join('\n');
    if (shown === this._shown) {
      return;
    }
    this._shown = shown;
    this._message.replaceChildren();
    this._message.hidden = text === null;
    // words alone must not stand between the pointer and the image
    this._message.classList.toggle('jp-mod-passive', actions.length === 0);
    if (text !== null) {
      const paragraph = element('p', 'messageText');
      paragraph.textContent = text;
      this._message.append(paragraph);
      for (const action of actions) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'jp-BioImagePreview-button';
        button.textContent = action.label;
        button.addEventListener('click', () => action.run());
        this._message.append(button);
      }
    }
  }

  dispose(): void {
    this._node.remove();
  }

  private readonly _trans: TranslationBundle;
  private readonly _node: HTMLElement;
  private readonly _bar: HTMLElement;
  private readonly _reading: HTMLElement;
  private readonly _progress: HTMLElement;
  private readonly _message: HTMLElement;
  private _shown: string | null | undefined;
}

/** An element of the preview with its class. */
export function element(tag: keyof HTMLElementTagNameMap, name: string): HTMLElement {
  const node = document.createElement(tag);
  node.className = `jp-BioImagePreview-${name}`;
  return node;
}
