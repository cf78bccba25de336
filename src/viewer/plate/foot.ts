import { localised, messageAndHint } from '../../core';
import { Widget } from '@lumino/widgets';
import type { IPicturesOptions, PicturesContent } from './content';

/** Under the pictures: how far they are, and what went wrong with some. */
export class PlateFoot extends Widget {
  constructor(
    private readonly _content: PicturesContent,
    private readonly _options: IPicturesOptions
  ) {
    super();
    this.addClass('jp-BioImagePreview-footer');
    const { trans } = _options.place.host;
    this._text.className = 'jp-BioImagePlate-progress';
    this._said.className = 'jp-BioImage-hidden';
    this._said.setAttribute('role', 'status');
    this._retry.type = 'button';
    this._retry.className = 'jp-BioImagePreview-button';
    this._retry.textContent = trans.__('Try again');
    this._retry.addEventListener('click', () => _content.retry());
    this.node.append(this._text, this._retry, this._said);
    _content.changed.connect(this._show, this);
    this._show();
  }

  private readonly _show = (): void => {
    const { model } = this._content;
    const { progress, place } = this._options;
    const { trans } = place.host;
    const [done, all] = model.progress;
    const { cells } = model.board;
    const flawed = cells.filter(({ state, message }) => state === 'picture' && message !== undefined).length;
    const [absent, failed] = (['absent', 'failed'] as const).map(state => cells.filter(cell => cell.state === state).length);
    const parts = [
      ...(all > 0 ? [progress(done, all)] : []), // that there is nothing is said where it would be
      ...(absent ? [trans._n('%1 without image', '%1 without images', absent)] : []),
      ...(flawed ? [trans._n('%1 shown in part', '%1 shown in part', flawed)] : []),
      ...(failed ? [trans._n('%1 could not be read', '%1 could not be read', failed)] : []),
      ...(model.error ? [localised(trans, messageAndHint(model.error))] : [])
    ];
    const text = parts.join(' · ');
    this._text.textContent = this._text.title = text;
    this._retry.hidden = !model.error && failed + flawed === 0;
    if (model.complete || model.error) {
      this._said.textContent = text; // once, not with every picture
    }
  };

  private readonly _text = document.createElement('span');
  private readonly _said = document.createElement('span');
  private readonly _retry = document.createElement('button');
}
