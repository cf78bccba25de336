import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';
import { cleanText } from '../../core';
import { CELL } from './board';
import type { IPicturesOptions, PicturesContent } from './content';

/** Over the pictures: field, acquisition, size of the cells. */
export class PlateTools extends ReactWidget {
  constructor(
    private readonly _content: PicturesContent,
    private readonly _options: IPicturesOptions
  ) {
    super();
    this.addClass('jp-BioImagePreview-toolbar');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _options.place.host.trans.__('Tools of the plate'));
  }

  protected override render(): React.ReactElement {
    return <UseSignal signal={this._content.changed}>{() => <Tools content={this._content} options={this._options} />}</UseSignal>;
  }
}

function Tools({ content, options }: { content: PicturesContent; options: IPicturesOptions }): React.ReactElement {
  const { acquisitions, place } = options;
  const { host, uri } = place;
  const { trans } = host;
  const { field = 0, acquisition } = content.model.choice;
  const known = content.model.board.cells.reduce((most, cell) => Math.max(most, cell.fields ?? 0), options.fieldCount ?? 0);
  const fields = options.well === undefined ? known : 0;
  const button = 'jp-BioImagePreview-button';
  return (
    <>
      {acquisitions.length > 1 && (
        <label className="jp-BioImagePlate-choice">
          <span>{trans.__('Acquisition')}</span>
          <select
            value={acquisition ?? ''}
            onChange={({ target }) => content.choose({ acquisition: target.value === '' ? undefined : Number(target.value) })}
          >
            <option value="">{trans.__('All')}</option>
            {acquisitions.map(({ id, name }) => (
              <option key={id} value={id}>
                {cleanText(name) || String(id)}
              </option>
            ))}
          </select>
        </label>
      )}
      {fields > 1 && (
        <label className="jp-BioImagePlate-choice">
          <span>{trans.__('Field')}</span>
          <select value={field} onChange={({ target }) => content.choose({ field: Number(target.value) })}>
            {Array.from({ length: fields }, (_, index) => (
              <option key={index} value={index}>
                {index + 1}
              </option>
            ))}
          </select>
        </label>
      )}
      <label className="jp-BioImagePlate-choice">
        <span>{trans.__('Size')}</span>
        <input
          type="range"
          aria-label={trans.__('Size of the pictures')}
          min={CELL.least}
          max={CELL.most}
          value={content.cellSize}
          onChange={({ target }) => (content.cellSize = Number(target.value))}
        />
      </label>
      <button type="button" className={button} title={trans.__('Fill the screen; Escape leaves')} onClick={() => place.fullScreen()}>
        {trans.__('Full screen')}
      </button>
      <button type="button" className={button} title={trans.__('Copy the address of the plate')} onClick={() => void host.copy(uri)}>
        {trans.__('Copy address')}
      </button>
      {host.copyLink && (
        <button type="button" className={button} title={trans.__('Copy a link that reopens this view')} onClick={() => void host.copyLink?.(uri, content.state)}>
          {trans.__('Copy link')}
        </button>
      )}
    </>
  );
}
