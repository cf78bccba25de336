import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { ISelection } from '../../entities';
import type { IStageOptions } from '../types';

/** The part of the stage that the toolbar acts on. */
export interface ISteered {
  readonly selection: ISelection;
  readonly state: ISelection;
  fit(): void;
  actualSize(): void;
  zoomBy(steps: number): void;
}

/** Buttons over the image. */
export class StageToolbar extends ReactWidget {
  constructor(
    private readonly _stage: ISteered,
    private readonly _options: Pick<IStageOptions, 'host' | 'uri' | 'fullScreen'>
  ) {
    super();
    this.addClass('jp-BioImagePreview-toolbar');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _options.host.trans.__('Image tools'));
  }

  protected override render(): React.ReactElement {
    const stage = this._stage;
    const { host, uri, fullScreen } = this._options;
    const { trans } = host;
    return (
      <>
        <Tool
          main
          label={trans.__('Insert code')}
          title={trans.__('Insert code that loads what is shown')}
          run={() => host.insert(uri, stage.selection)}
        />
        <Tool label={trans.__('Fit')} title={trans.__('Show all of the image (0)')} run={() => stage.fit()} />
        <Tool label="1:1" title={trans.__('One pixel of the image is one on the screen (1)')} run={() => stage.actualSize()} />
        <Tool label="−" name={trans.__('Zoom out')} title={trans.__('Zoom out (−)')} run={() => stage.zoomBy(-1)} />
        <Tool label="+" name={trans.__('Zoom in')} title={trans.__('Zoom in (+)')} run={() => stage.zoomBy(1)} />
        <Tool label={trans.__('Full screen')} title={trans.__('Fill the screen; Escape leaves')} run={fullScreen} />
        <Tool label={trans.__('Copy address')} title={trans.__('Copy the address of the image')} run={() => void host.copy(uri)} />
        {host.copyLink === undefined ? null : (
          <Tool
            label={trans.__('Copy link')}
            title={trans.__('Copy a link that reopens this view')}
            run={() => void host.copyLink?.(uri, stage.state)}
          />
        )}
      </>
    );
  }
}

function Tool(props: { label: string; title: string; name?: string; main?: boolean; run(): void }): React.ReactElement {
  return (
    <button
      type="button"
      className={`jp-BioImagePreview-button${props.main ? ' jp-mod-main' : ''}`}
      title={props.title}
      aria-label={props.name}
      onClick={() => props.run()}
    >
      {props.label}
    </button>
  );
}
