import type { Stage } from './stage';

/** A press of an arrow key moves by this part of the view; with shift by the larger one. */
const STEP = 0.1;
const LEAP = 0.5;

/** A press of + or − zooms by half a power of two. */
const ZOOM = 0.5;

/** Shows only the label under the pointer. */
export const ISOLATE = 'i';

type Action = (stage: Stage, step: number) => void;

/** What keys do over the image. `step` is the part of the view that an arrow key moves by. */
const KEYS: Record<string, Action> = {
  '+': stage => stage.zoomBy(ZOOM),
  '=': stage => stage.zoomBy(ZOOM),
  '-': stage => stage.zoomBy(-ZOOM),
  _: stage => stage.zoomBy(-ZOOM),
  '0': stage => stage.fit(),
  '1': stage => stage.actualSize(),
  ArrowLeft: (stage, step) => stage.viewpoint.panBy(-step, 0),
  ArrowRight: (stage, step) => stage.viewpoint.panBy(step, 0),
  ArrowUp: (stage, step) => stage.viewpoint.panBy(0, -step),
  ArrowDown: (stage, step) => stage.viewpoint.panBy(0, step),
  PageUp: stage => stage.model.setPlane('z', stage.model.plane.z + 1),
  PageDown: stage => stage.model.setPlane('z', stage.model.plane.z - 1),
  ']': stage => stage.model.setPlane('t', stage.model.plane.t + 1),
  '[': stage => stage.model.setPlane('t', stage.model.plane.t - 1),
  [ISOLATE]: stage => stage.isolate(),
  c: stage => stage.footer.copyValue(),
  C: stage => stage.footer.copyPlace()
};

/** Carries out a key; false where it means nothing here. */
export function onKey(stage: Stage, key: string, shift: boolean): boolean {
  if (!Object.hasOwn(KEYS, key)) {
    return false;
  }
  KEYS[key](stage, shift ? LEAP : STEP);
  return true;
}
