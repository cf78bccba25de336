import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { ViewModel } from '../stage/model';
import { MAX_CONTROLS } from '../stage/model';
import type { IStageOptions } from '../types';
import { ChannelControls } from './channel';
import { Metadata } from './metadata';
import { PlaneSlider } from './plane';

/** The part of the stage that the controls act on. */
export interface IControlled {
  readonly model: ViewModel;
  autoContrast(): void;
}

/** Side panel of a preview: planes, channels, level, metadata. */
export class Controls extends ReactWidget {
  constructor(
    private readonly _stage: IControlled,
    private readonly _options: Pick<IStageOptions, 'pyramid' | 'host' | 'route' | 'uri' | 'name'>
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
        {() => <ControlPanel stage={this._stage} options={this._options} />}
      </UseSignal>
    );
  }
}

function ControlPanel(props: {
  stage: IControlled;
  options: Pick<IStageOptions, 'pyramid' | 'host' | 'route' | 'uri' | 'name'>;
}): React.ReactElement {
  const { model } = props.stage;
  const { route, uri, name, host } = props.options;
  const { trans } = host;
  return (
    <>
      <PlaneSlider model={model} axis="z" trans={trans} />
      <PlaneSlider model={model} axis="t" trans={trans} />
      <Channels stage={props.stage} trans={trans} />
      <LevelChoice model={model} trans={trans} />
      <Metadata image={model.image} route={route} uri={uri} name={name} trans={trans} />
    </>
  );
}

function Channels({ stage, trans }: { stage: IControlled; trans: TranslationBundle }): React.ReactElement {
  const { model } = stage;
  const shown = model.channels.slice(0, MAX_CONTROLS);
  const left = model.channels.length - shown.length;
  return (
    <fieldset className="jp-BioImagePreview-group">
      <legend>{trans.__('Channels')}</legend>
      {shown.map(channel => (
        <ChannelControls
          key={channel.index}
          channel={channel}
          plain={model.image.imageLabel}
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
      {!model.image.imageLabel && (
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
