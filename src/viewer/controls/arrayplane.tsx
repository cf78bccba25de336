import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { cleanText } from '../../core';
import type { IArrayPlane } from '../../entities';
import type { IImage } from '../../ngff';
import type { ViewModel } from '../stage/model';

/** Axis names are cut here, in characters. */
const SHORT = 40;

/** The name and the length of an axis. */
function axisName(image: IImage, axis: number, trans: TranslationBundle): string {
  const name = cleanText(image.axes[axis].name, SHORT) || trans.__('axis %1', axis);
  return `${name} (${image.levels[0].array.shape[axis]})`;
}

/** The array itself says what its axes are. */
function isNamed({ levels }: IImage): boolean {
  return levels[0].array.dimensionNames?.some(name => name !== null && name !== '') ?? false;
}

/** The plane shown as positions of axes and an index along every one of them. */
export function planeOf(model: ViewModel): Required<IArrayPlane> {
  const { image, plane, visible } = model;
  const at = image.axes.map(() => 0);
  image.others.forEach(({ axis, index }) => (at[axis] = index));
  const set = (axis: number | undefined, index: number): void => {
    if (axis !== undefined) {
      at[axis] = index;
    }
  };
  set(image.at.t, plane.t);
  set(image.at.z, plane.z);
  set(image.at.c, visible[0] ?? 0);
  return { y: image.at.y, x: image.at.x, at };
}

/** Which two axes of an array are drawn, and where along the others. */
export function ArrayPlane(props: {
  model: ViewModel;
  show: (plane: IArrayPlane) => void;
  /** Called once it is in the page. */
  drawn: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, show, drawn, trans } = props;
  React.useEffect(drawn, [drawn]);
  const { image } = model;
  const plane = planeOf(model);
  const axes = image.axes.map((_, axis) => axis);
  // who chooses the axis that the other direction has swaps them
  const turn = (direction: 'x' | 'y', axis: number): void => {
    const other = direction === 'x' ? 'y' : 'x';
    show({ ...plane, [direction]: axis, ...(plane[other] === axis ? { [other]: plane[direction] } : {}) });
  };
  return (
    <fieldset className="jp-BioImagePreview-group">
      <legend>{trans.__('Plane')}</legend>
      {isNamed(image) ? null : <p className="jp-BioImagePreview-note">{trans.__('The array does not name its axes: which are drawn is a guess from their order and lengths.')}</p>}
      {(['y', 'x'] as const).map(direction => (
        <label key={direction} className="jp-BioImagePreview-row">
          <span>{direction === 'y' ? trans.__('Down') : trans.__('Right')}</span>
          <select data-keep={`plane-${direction}`} value={plane[direction]} onChange={event => turn(direction, Number(event.target.value))}>
            {axes.map(axis => (
              <option key={axis} value={axis}>
                {axisName(image, axis, trans)}
              </option>
            ))}
          </select>
        </label>
      ))}
      {image.others.map(({ axis, index }) => (
        <AxisIndex
          key={axis}
          axis={axis}
          name={cleanText(image.axes[axis].name, SHORT) || trans.__('axis %1', axis)}
          index={index}
          count={image.levels[0].array.shape[axis]}
          trans={trans}
          move={value => show({ ...plane, at: plane.at.map((old, i) => (i === axis ? value : old)) })}
        />
      ))}
    </fieldset>
  );
}

/** The index along one axis that is neither drawn nor one of the sliders. */
function AxisIndex(props: { axis: number; name: string; index: number; count: number; trans: TranslationBundle; move: (index: number) => void }): React.ReactElement {
  const { axis, name, index, count, trans, move } = props;
  const [text, setText] = React.useState(String(index));
  React.useEffect(() => setText(String(index)), [index]);
  const change = (value: string): void => {
    setText(value);
    const number = Number(value);
    if (value !== '' && Number.isInteger(number) && number >= 0 && number < count && number !== index) {
      move(number);
    }
  };
  return (
    <label className="jp-BioImagePreview-row">
      <span>{name}</span>
      <input
        type="number"
        data-keep={`axis-${axis}`}
        aria-label={trans.__('Index along %1', name)}
        min={0}
        max={count - 1}
        step={1}
        value={text}
        onChange={event => change(event.target.value)}
        onBlur={() => setText(String(index))}
      />
      <span className="jp-BioImagePreview-number">{trans.__('of %1', count - 1)}</span>
    </label>
  );
}
