import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatQuantity } from '../../core';
import type { ViewModel } from '../stage/model';

/** Physical position of a plane along its axis; empty where the axis has no unit. */
function position(model: ViewModel, axis: 't' | 'z', index: number): string {
  const at = model.image.at[axis];
  const unit = at === undefined ? undefined : model.image.axes[at].unit;
  if (at === undefined || !unit) {
    return '';
  }
  const { scale, translation } = model.image.levels[0];
  const value = translation[at] + index * scale[at];
  return Number.isFinite(value) ? formatQuantity(value, unit) : '';
}

/** Slider along z or t; nothing where there is one plane only. */
export function PlaneSlider(props: {
  model: ViewModel;
  axis: 't' | 'z';
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { model, axis, trans } = props;
  const count = model.count(axis);
  const index = model.plane[axis];
  if (count < 2) {
    return null;
  }
  const name = axis.toUpperCase();
  const where = position(model, axis, index);
  return (
    <div className="jp-BioImagePreview-row">
      <span aria-hidden="true">{name}</span>
      <input
        type="range"
        aria-label={name}
        min={0}
        max={count - 1}
        step={1}
        value={index}
        aria-valuenow={index}
        aria-valuetext={trans.__('%1 of %2', index, count - 1) + (where ? `, ${where}` : '')}
        onChange={event => model.setPlane(axis, event.target.valueAsNumber)}
      />
      <output className="jp-BioImagePreview-number" title={where}>
        {`${index} / ${count - 1}`}
      </output>
    </div>
  );
}
