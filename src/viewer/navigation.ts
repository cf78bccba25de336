import type { ISelection } from '../entities';
import type { INode } from '../ngff';

/** One step from a place of a preview into what lies there. */
export interface IStep {
  readonly kind: 'well' | 'field' | 'series' | 'member';
  /** Key relative to the place that the step is taken from. */
  readonly path: string;
  /** Name of a well, of a series or of a member, as the metadata give it; '' where there is none. */
  readonly name: string;
  /** Position of a field in its well, from 0. */
  readonly field?: number;
}

/** Where one stands: the step that led here (`null` for the address itself), and whether one can stop here. */
export interface IVisited {
  readonly step: IStep | null;
  /** Passed through, for there was only one way on (a well of one field), or shown beside what comes next (a collection). */
  through: boolean;
}

/** The part of a selection that says where in an address one is. */
export type Whereabouts = Pick<ISelection, 'inside' | 'well' | 'field'>;

/** The places of one preview, from its address to what is on the screen. */
export class Trail<P extends IVisited> {
  get places(): readonly P[] {
    return this._places;
  }

  get top(): P | undefined {
    return this._places[this._places.length - 1];
  }

  push(place: P): void {
    this._places.push(place);
  }

  /** Leaves everything above the first `length` places, and returns it from the top down. */
  cut(length: number): P[] {
    return this._places.splice(length).reverse();
  }

  /** Position of the place that Back leads to; −1 where there is none. */
  get back(): number {
    let index = this._places.length - 2;
    while (index >= 0 && this._places[index].through) {
      index--;
    }
    return Math.max(-1, index);
  }

  /** Where the place at `index` is, as a selection says it. */
  whereabouts(index = this._places.length - 1): Whereabouts {
    const steps = this._places.slice(0, index + 1).flatMap(({ step }) => step ?? []);
    const inside = steps
      .filter(({ kind }) => kind === 'series' || kind === 'member')
      .map(({ path }) => path)
      .join('/');
    const well = steps.find(({ kind }) => kind === 'well')?.name;
    const field = steps.find(({ kind }) => kind === 'field')?.field;
    return {
      ...(inside === '' ? {} : { inside }),
      ...(well === undefined ? {} : { well }),
      ...(field === undefined ? {} : { field })
    };
  }

  private readonly _places: P[] = [];
}

/** A step without choice is passed through: Back does not stop there. */
export interface IWay {
  readonly step: IStep;
  readonly through: boolean;
}

/**
 * The way on from what was found, towards what is wanted; `null` where one stays. `at` is the key of the place relative to the
 * address, as `inside` counts it. What is wanted and not there is left: one stays at what there is.
 */
export function wayOn(node: INode, wanted: Whereabouts, at: string): IWay | null {
  switch (node.kind) {
    case 'plate': {
      const well = node.wells.find(({ name, path }) => wanted.well !== undefined && (name === wanted.well || path === wanted.well));
      return well ? { step: { kind: 'well', path: well.path, name: well.name }, through: false } : null;
    }
    case 'well': {
      const through = node.fields.length === 1;
      const index = through ? 0 : (wanted.field ?? -1);
      const field = node.fields[index];
      return field ? { step: { kind: 'field', path: field.path, name: '', field: index }, through } : null;
    }
    case 'collection': {
      // there is always one on the screen, so that the list itself is passed through
      const rest = relative(wanted.inside, at);
      const series = node.series.find(({ path }) => rest === path || rest?.startsWith(`${path}/`)) ?? node.series.at(0);
      return series ? { step: { kind: 'series', path: series.path, name: series.name }, through: true } : null;
    }
    case 'group': {
      const rest = relative(wanted.inside, at);
      return rest ? { step: { kind: 'member', path: rest, name: rest }, through: false } : null;
    }
    case 'image':
      return null;
  }
}

/** `inside` relative to `at`; `undefined` where it leads elsewhere. */
function relative(inside: string | undefined, at: string): string | undefined {
  if (inside === undefined || at === '') {
    return inside;
  }
  return inside.startsWith(`${at}/`) ? inside.slice(at.length + 1) : undefined;
}

/** Whether two selections name the same place. */
export function samePlace(a: Whereabouts, b: Whereabouts): boolean {
  return a.inside === b.inside && a.well === b.well && a.field === b.field;
}

/** A selection without its place: what is shown of one image. */
export function viewOf(selection: ISelection): ISelection {
  const view = { ...selection };
  delete view.inside;
  delete view.well;
  delete view.field;
  return view;
}

/** Only the place that a selection names. */
export function whereaboutsOf({ inside, well, field }: ISelection): Whereabouts {
  return {
    ...(inside === undefined ? {} : { inside }),
    ...(well === undefined ? {} : { well }),
    ...(field === undefined ? {} : { field })
  };
}
