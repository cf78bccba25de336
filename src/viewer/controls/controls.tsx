import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { Complaints } from '../stage/complaints';
import type { Labels } from '../stage/labels';
import type { ViewModel } from '../stage/model';
import { MAX_CONTROLS } from '../stage/model';
import type { IStageOptions } from '../types';
import { ArrayPlane } from './arrayplane';
import { ChannelControls } from './channel';
import { LabelControls } from './labels';
import { Metadata } from './metadata';
import { PlaneSlider } from './plane';

/** The part of the stage that the controls act on. */
export interface IControlled {
  readonly model: ViewModel;
  readonly labels?: Pick<Labels, 'model' | 'alone'>;
  readonly complaints?: Pick<Complaints, 'items' | 'changed'>;
  autoContrast(): void;
}

type ControlOptions = Pick<IStageOptions, 'pyramid' | 'host' | 'route' | 'uri' | 'name' | 'showAxes'> & Partial<Pick<IStageOptions, 'view'>>;

/** Side panel of a preview: planes, channels, level, metadata. */
export class Controls extends ReactWidget {
  constructor(
    private readonly _stage: IControlled,
    private readonly _options: ControlOptions
  ) {
    super();
    this.addClass('jp-BioImagePreview-controls');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _options.host.trans.__('View controls'));
    this.node.tabIndex = 0; // it scrolls
  }

  protected override render(): React.ReactElement {
    return (
      <UseSignal signal={this._stage.model.changed}>
        {() => <ControlPanel stage={this._stage} options={this._options} taken={this._taken} />}
      </UseSignal>
    );
  }

  protected override onBeforeDetach(msg: Message): void {
    this._keep();
    super.onBeforeDetach(msg);
  }

  override dispose(): void {
    this._keep();
    super.dispose();
  }

  /** Another plane of an array makes another stage, controls and all: what has the focus now has it again then. */
  private _keep(): void {
    const { activeElement } = document;
    const { view } = this._options;
    if (view && activeElement instanceof HTMLElement && this.node.contains(activeElement) && activeElement.dataset.keep) {
      KEPT.set(view, activeElement.dataset.keep);
    }
  }

  /** Gives the focus back, once the controls are drawn. */
  private readonly _taken = (): void => {
    const { view } = this._options;
    const kept = view && KEPT.get(view);
    if (view && kept !== undefined) {
      KEPT.delete(view);
      const taken = document.activeElement !== null && document.activeElement !== document.body;
      if (!taken) {
        this.node.querySelector<HTMLElement>(`[data-keep="${kept}"]`)?.focus();
      }
    }
  };
}

/** By the element that is drawn in, which outlives its controls: what had the focus. */
const KEPT = new WeakMap<HTMLElement, string>();

function ControlPanel(props: { stage: IControlled; options: ControlOptions; taken: () => void }): React.ReactElement {
  const { model, labels, complaints } = props.stage;
  const { route, uri, name, host, showAxes } = props.options;
  const { trans } = host;
  const metadata = (): React.ReactElement => (
    <Metadata image={model.image} route={route} uri={uri} name={name} complaints={complaints?.items ?? []} trans={trans} />
  );
  return (
    <>
      {showAxes && <ArrayPlane model={model} show={showAxes} drawn={props.taken} trans={trans} />}
      <PlaneSlider model={model} axis="z" trans={trans} />
      <PlaneSlider model={model} axis="t" trans={trans} />
      <Channels stage={props.stage} trans={trans} />
      {labels && (
        <UseSignal signal={labels.model.changed}>{() => <LabelControls model={labels.model} alone={labels.alone} trans={trans} />}</UseSignal>
      )}
      <LevelChoice model={model} trans={trans} />
      {complaints ? <UseSignal signal={complaints.changed}>{metadata}</UseSignal> : metadata()}
    </>
  );
}

function Channels({ stage, trans }: { stage: IControlled; trans: TranslationBundle }): React.ReactElement {
  const { model } = stage;
  const { rgb, imageLabel } = model.image;
  const plain = rgb || imageLabel;
  const shown = model.channels.slice(0, MAX_CONTROLS);
  const left = model.channels.length - shown.length;
  return (
    <fieldset className="jp-BioImagePreview-group">
      <legend>{rgb ? trans.__('Colour') : trans.__('Channels')}</legend>
      {shown.map(channel => (
        <ChannelControls
          key={channel.index}
          channel={channel}
          plain={plain}
          trans={trans}
          onVisible={visible => model.setVisible(channel.index, visible)}
          onColor={color => model.setColor(channel.index, color)}
          onEnd={(end, value) => model.setEnd(channel.index, end, value)}
        />
      ))}
      {left > 0 && (
        <p className="jp-BioImagePreview-note">
          {trans._n('%1 more channel has no controls here.', '%1 more channels have no controls here.', left)}
        </p>
      )}
      {!plain && (
        <div className="jp-BioImagePreview-buttons">
          <button
            type="button"
            className="jp-BioImagePreview-button"
            title={trans.__('Stretch the visible channels over the values of the plane shown')}
            onClick={() => stage.autoContrast()}
          >
            {trans.__('Auto contrast')}
          </button>
          <button
            type="button"
            className="jp-BioImagePreview-button"
            title={trans.__('Channels, colours and contrast as they were at first')}
            onClick={() => model.reset()}
          >
            {trans.__('Reset')}
          </button>
        </div>
      )}
    </fieldset>
  );
}

function LevelChoice({ model, trans }: { model: ViewModel; trans: TranslationBundle }): React.ReactElement | null {
  const { levels, at } = model.image;
  if (levels.length < 2) {
    return null;
  }
  return (
    <label className="jp-BioImagePreview-row">
      <span>{trans.__('Level')}</span>
      <select
        value={model.pinned ?? ''}
        onChange={event => model.pin(event.target.value === '' ? undefined : Number(event.target.value))}
      >
        <option value="">{trans.__('By zoom')}</option>
        {levels.map(({ index, array }) => (
          <option key={index} value={index}>
            {`${index}: ${array.shape[at.x]} × ${array.shape[at.y]}`}
          </option>
        ))}
      </select>
    </label>
  );
}
