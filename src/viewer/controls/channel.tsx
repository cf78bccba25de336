import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IChannelState } from '../stage/model';

/** A contrast end for people: integers in full, fractions to five digits. The raw value stays in the slider. */
function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

/** Visibility, colour and contrast of one channel. A `plain` one (labels, parts of a colour) has visibility only. */
export function ChannelControls(props: {
  channel: IChannelState;
  plain: boolean;
  trans: TranslationBundle;
  onVisible(visible: boolean): void;
  onColor(color: string): void;
  onEnd(end: 'minimum' | 'maximum', value: number): void;
}): React.ReactElement {
  const { channel, plain, trans } = props;
  const { label } = channel;
  return (
    <div className="jp-BioImagePreview-channel">
      <div className="jp-BioImagePreview-row">
        <label className="jp-BioImagePreview-channelName" title={label}>
          <input type="checkbox" checked={channel.visible} onChange={event => props.onVisible(event.target.checked)} />
          <span>{label}</span>
        </label>
        {!plain && (
          <input
            type="color"
            aria-label={trans.__('%1 colour', label)}
            value={`#${channel.color.toLowerCase()}`}
            onChange={event => props.onColor(event.target.value.slice(1))}
          />
        )}
      </div>
      {!plain && channel.visible && channel.range && channel.bounds && (
        <>
          <End {...props} name={trans.__('%1 minimum', label)} end="minimum" value={channel.range[0]} />
          <End {...props} name={trans.__('%1 maximum', label)} end="maximum" value={channel.range[1]} />
        </>
      )}
    </div>
  );
}

function End(props: {
  channel: IChannelState;
  name: string;
  end: 'minimum' | 'maximum';
  value: number;
  trans: TranslationBundle;
  onEnd(end: 'minimum' | 'maximum', value: number): void;
}): React.ReactElement | null {
  const { bounds } = props.channel;
  return bounds ? (
    <div className="jp-BioImagePreview-row">
      <span aria-hidden="true" className="jp-BioImagePreview-end">
        {props.end === 'minimum' ? props.trans.__('min') : props.trans.__('max')}
      </span>
      <input
        type="range"
        aria-label={props.name}
        min={bounds.low}
        max={bounds.high}
        step={bounds.step || 'any'}
        value={props.value}
        aria-valuenow={props.value}
        onChange={event => props.onEnd(props.end, event.target.valueAsNumber)}
      />
      <output className="jp-BioImagePreview-number">{shown(props.value)}</output>
    </div>
  ) : null;
}
