import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';
import { cleanText, localised } from '../../core';
import { factsOf } from './board';
import type { IPicturesOptions, PicturesContent } from './content';
import type { IPlateChannel, PictureModel } from './model';

/** Beside the pictures: channels and contrast of all of them, the cell that is looked at, what is known of the whole. */
export class PlateSide extends ReactWidget {
  constructor(
    private readonly _content: PicturesContent,
    private readonly _options: IPicturesOptions
  ) {
    super();
    this.addClass('jp-BioImagePreview-controls');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _options.place.host.trans.__('View controls'));
    this.node.tabIndex = 0; // it scrolls
  }

  protected override render(): React.ReactElement {
    const content = this._content;
    const { facts, notices, place } = this._options;
    const { trans } = place.host;
    return (
      <>
        <UseSignal signal={content.changed}>{() => <Channels model={content.model} trans={trans} />}</UseSignal>
        <UseSignal signal={content.lookedChanged}>{() => <Looked content={content} trans={trans} />}</UseSignal>
        <details className="jp-BioImagePreview-group" open>
          <summary>{trans.__('Metadata')}</summary>
          <Facts facts={[...facts, [trans.__('Read'), place.route]]} />
          {notices.length > 0 && (
            <ul className="jp-BioImagePreview-notices" aria-label={trans.__('Notices')}>
              {notices.map((notice, i) => (
                <li key={i}>{cleanText(localised(trans, notice))}</li>
              ))}
            </ul>
          )}
        </details>
      </>
    );
  }
}

function Channels({ model, trans }: { model: PictureModel; trans: TranslationBundle }): React.ReactElement | null {
  if (model.channels.length === 0) {
    return null;
  }
  return (
    <fieldset className="jp-BioImagePreview-group">
      <legend>{trans.__('Channels, the same for all')}</legend>
      {model.channels.map(channel => (
        <Channel key={channel.index} channel={channel} model={model} trans={trans} />
      ))}
    </fieldset>
  );
}

function Channel({ channel, model, trans }: { channel: IPlateChannel; model: PictureModel; trans: TranslationBundle }): React.ReactElement {
  const { index, color, visible, window } = channel;
  const label = cleanText(channel.label) || trans.__('Channel %1', index);
  const name = 'jp-BioImagePreview-channelName';
  return (
    <div className="jp-BioImagePreview-channel">
      <div className="jp-BioImagePreview-row">
        <label className={name}>
          <input type="checkbox" checked={visible} onChange={({ target }) => model.setVisible(index, target.checked)} />
          <i className="jp-BioImagePlate-colour" style={{ background: /^[0-9a-f]{6}$/i.test(color) ? `#${color}` : undefined }} aria-hidden="true" />
          <span title={label}>{label}</span>
        </label>
      </div>
      {visible && window && (
        <div className="jp-BioImagePreview-row">
          <End value={window[0]} label={trans.__('%1 minimum', label)} onValue={low => model.setWindow(index, [low, window[1]])} />
          <span aria-hidden="true">–</span>
          <End value={window[1]} label={trans.__('%1 maximum', label)} onValue={high => model.setWindow(index, [window[0], high])} />
        </div>
      )}
    </div>
  );
}

/** A number that counts once it is one. */
function End({ value, label, onValue }: { value: number; label: string; onValue: (value: number) => void }): React.ReactElement {
  const [text, setText] = React.useState<string | null>(null);
  const take = (): void => {
    const number = text === null || text.trim() === '' ? NaN : Number(text);
    setText(null);
    if (Number.isFinite(number) && number !== value) {
      onValue(number);
    }
  };
  return (
    <input
      type="number"
      step="any"
      className="jp-BioImagePlate-end"
      aria-label={label}
      value={text ?? String(Number(value.toPrecision(6)))}
      onChange={({ target }) => setText(target.value)}
      onBlur={take}
      onKeyDown={event => event.key === 'Enter' && take()}
    />
  );
}

function Looked({ content, trans }: { content: PicturesContent; trans: TranslationBundle }): React.ReactElement | null {
  const cell = content.looked;
  if (content.model.board.cells.length === 0) {
    return null; // nothing to point at
  }
  return (
    <section className="jp-BioImagePreview-group" aria-label={trans.__('Cell')}>
      {cell ? (
        <>
          <h3 className="jp-BioImagePlate-cellName">{cleanText(cell.name)}</h3>
          <Facts facts={factsOf(cell, trans)} />
        </>
      ) : (
        <p className="jp-BioImagePreview-note">{trans.__('Point at a picture, or go there with the arrow keys, to read about it here; Enter opens it.')}</p>
      )}
    </section>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, string])[] }): React.ReactElement {
  return (
    <dl className="jp-BioImagePreview-facts">
      {facts.map(([name, value], i) => (
        <React.Fragment key={i}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
