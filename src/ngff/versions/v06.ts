import { say } from '../../core';
import { record } from './version';
import type { IFrame, IVersion, Json } from './version';

/** Systems that are looked at; an image has one or two. */
const MAX_SYSTEMS = 100;

function items(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.slice(0, MAX_SYSTEMS).map(record) : [];
}

/** Name of a system, in the words of 0.6 (`{name}`) or of its early drafts (a plain text). */
function nameOf(reference: unknown): unknown {
  return typeof reference === 'string' ? reference : record(reference).name;
}

const hasUnit = (system: Json | undefined): boolean => items(system?.axes).some(({ unit }) => typeof unit === 'string');

/**
 * The levels lead into the intrinsic system, which "should be used for viewing and processing" (0.6, "multiscales"
 * metadata). Where it has no units and one transformation leads on to a system that has them, that one is taken.
 */
export function systemFrame(multiscale: Json, levels: unknown): IFrame {
  const systems = items(multiscale.coordinateSystems);
  const [first] = items(levels);
  const output = nameOf(items(first?.coordinateTransformations)[0]?.output);
  const intrinsic = systems.find(system => system.name === output) ?? systems.at(0);
  const onwards = items(multiscale.coordinateTransformations).filter(
    ({ input, output: to }) => nameOf(input) === intrinsic?.name && record(input).path === undefined && to !== undefined
  );
  const step = hasUnit(intrinsic)
    ? undefined
    : onwards.find(({ output: to }) => hasUnit(systems.find(system => system.name === nameOf(to))));
  const world = step && systems.find(system => system.name === nameOf(step.output));
  const chosen = intrinsic && world ? withUnits(intrinsic, world) : intrinsic;
  const others = systems.length - (world ? 2 : 1);
  return {
    axes: Array.isArray(chosen?.axes) ? (chosen.axes as readonly unknown[]) : undefined, // checked
    whole: step ? [step] : undefined,
    notices:
      others > 0 ? [say`The image has ${others} more coordinate systems; positions are told in the first one.`] : []
  };
}

/** The pixels keep the names of their own axes; the units are those of the world, where all axes have the same one. */
function withUnits(intrinsic: Json, world: Json): Json {
  const units = new Set(
    items(world.axes)
      .filter(({ type }) => type === 'space')
      .map(({ unit }) => unit)
  );
  const [unit] = units;
  const axes = items(intrinsic.axes).map(axis =>
    axis.type === 'space' && units.size === 1 && typeof unit === 'string' ? { ...axis, unit } : axis
  );
  return { ...intrinsic, axes };
}

/** 0.6, in development: named coordinate systems and transformations between them, scenes of several images. */
export const v06: IVersion = {
  id: '0.6-dev',
  names: /^0\.6(?![0-9])/,
  zarrFormat: 3,
  namespace: 'ome',
  versionIn: 'group',
  separator: '/',
  fixedAxes: false,
  multiscales: values => values.multiscales,
  levels: multiscale => multiscale.datasets,
  recognises: multiscale => Array.isArray(multiscale.datasets) && Array.isArray(multiscale.coordinateSystems),
  frame: multiscale => systemFrame(multiscale, multiscale.datasets),
  headings: { 'image-label': '"labels" metadata', axes: '"coordinateSystems" metadata' }
};
