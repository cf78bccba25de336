import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { cleanText, localised } from '../../core';
import type { ILabelState, LabelModel } from '../stage/labelmodel';
import { colorOf, idWords } from '../stage/labeltable';

/** Which label images lie over the image, and how. Nothing where there is none. */
export function LabelControls(props: { model: LabelModel; alone: boolean; trans: TranslationBundle }): React.ReactElement | null {
  const { model, alone, trans } = props;
  if (model.items.length === 0 && model.failed.length === 0) {
    return null;
  }
  return (
    <fieldset className="jp-BioImagePreview-group">
      <legend>{trans.__('Labels')}</legend>
      {model.items.map(item => (
        <LabelItem key={item.name} item={item} model={model} alone={alone} trans={trans} />
      ))}
      {model.failed.map(({ label, cause }, i) => (
        <p key={i} className="jp-BioImagePreview-note">
          {trans.__('Labels %1 could not be opened: %2', label, cleanText(localised(trans, cause)))}
        </p>
      ))}
    </fieldset>
  );
}

function LabelItem({ item, model, alone, trans }: { item: ILabelState; model: LabelModel; alone: boolean; trans: TranslationBundle }): React.ReactElement {
  const { name, label, shown, opacity, outline } = item;
  const percent = Math.round(opacity * 100);
  return (
    <div className="jp-BioImagePreview-channel">
      {!alone && (
        <label className="jp-BioImagePreview-channelName" title={label}>
          <input type="checkbox" checked={shown} onChange={event => model.setShown(name, event.target.checked)} />
          <span>{label}</span>
        </label>
      )}
      {shown && (
        <>
          {!alone && (
            <div className="jp-BioImagePreview-row">
              <span aria-hidden="true" className="jp-BioImagePreview-end">
                {trans.__('opacity')}
              </span>
              <input
                type="range"
                aria-label={trans.__('%1 opacity', label)}
                min={0}
                max={1}
                step={0.05}
                value={opacity}
                disabled={outline}
                title={outline ? trans.__('Outlines are drawn whole') : undefined}
                aria-valuetext={trans.__('%1 %', percent)}
                onChange={event => model.setOpacity(name, event.target.valueAsNumber)}
              />
              <output className="jp-BioImagePreview-number">{trans.__('%1 %', percent)}</output>
            </div>
          )}
          <label className="jp-BioImagePreview-row">
            <input
              type="checkbox"
              aria-label={trans.__('%1: Outlines only', label)}
              checked={outline}
              onChange={event => model.setOutline(name, event.target.checked)}
            />
            <span aria-hidden="true">{trans.__('Outlines only')}</span>
          </label>
          <IsolatedId item={item} model={model} trans={trans} />
        </>
      )}
      {item.notices.map((notice, i) => (
        <p key={i} className="jp-BioImagePreview-note">
          {cleanText(localised(trans, notice))}
        </p>
      ))}
    </div>
  );
}

/** The one id that is shown, to be typed or taken from under the pointer. */
function IsolatedId({ item, model, trans }: { item: ILabelState; model: LabelModel; trans: TranslationBundle }): React.ReactElement {
  const { name, label, isolated, info } = item;
  const [text, setText] = React.useState(isolated ?? '');
  React.useEffect(() => setText(isolated ?? ''), [isolated]);
  const color = isolated === null ? null : colorOf(isolated, info);
  const properties = (isolated !== null && info?.properties.get(isolated)) || [];
  const wrong = text !== '' && !idWords(text);
  const change = (value: string): void => {
    const id = value.trim();
    setText(id);
    if (id === '' || idWords(id)) {
      model.isolate(name, id === '' ? null : id);
    }
  };
  return (
    <>
      <div className="jp-BioImagePreview-row">
        <span aria-hidden="true" className="jp-BioImagePreview-end">
          {trans.__('only id')}
        </span>
        <input
          type="text"
          className="jp-BioImagePreview-id"
          inputMode="numeric"
          size={8}
          aria-label={trans.__('%1: show only this id', label)}
          title={trans.__('Over the image, the key i shows only the id under the pointer')}
          aria-invalid={wrong}
          placeholder={trans.__('all')}
          value={text}
          onChange={event => change(event.target.value)}
        />
        {color && <span aria-hidden="true" className="jp-BioImagePreview-swatch" style={{ background: `rgba(${color[0]}, ${color[1]}, ${color[2]}, ${color[3] / 255})` }} />}
        <button type="button" className="jp-BioImagePreview-button" aria-label={trans.__('%1: show all ids', label)} disabled={isolated === null} onClick={() => change('')}>
          {trans.__('All')}
        </button>
      </div>
      {properties.length > 0 && (
        <dl className="jp-BioImagePreview-facts">
          {properties.map(([key, value], i) => (
            <React.Fragment key={i}>
              <dt>{cleanText(key)}</dt>
              <dd>{cleanText(value)}</dd>
            </React.Fragment>
          ))}
        </dl>
      )}
    </>
  );
}
