/** Physical coordinates = scale × pixel + translation, per axis; a list is `undefined` where nothing usable was given. */
export interface IAffine {
  readonly scale?: readonly number[];
  readonly translation?: readonly number[];
}

/** Outside of this no unit makes sense, and sums and quotients would leave the range of doubles. */
const MAX_SIZE = 1e24;

function numbers(value: unknown, rank: number, fits: (n: number) => boolean): number[] | undefined {
  return Array.isArray(value) &&
    value.length === rank &&
    value.every((n): n is number => typeof n === 'number' && fits(n))
    ? value
    : undefined;
}

const isScale = (n: number): boolean => n > 1 / MAX_SIZE && n < MAX_SIZE;
const isShift = (n: number): boolean => Math.abs(n) < MAX_SIZE;

function field(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function step(before: IAffine, value: object, rank: number, notices: Set<string>): IAffine {
  const type = field(value, 'type');
  if (type === 'identity') {
    return before;
  }
  if (type === 'scale') {
    const scale = numbers(field(value, 'scale'), rank, isScale);
    if (!scale) {
      notices.add('A scale is not a list of one positive number per axis; it is not used.');
      return before;
    }
    return {
      scale: scale.map((s, i) => s * (before.scale?.[i] ?? 1)),
      ...(before.translation && { translation: before.translation.map((t, i) => t * scale[i]) })
    };
  }
  if (type === 'translation') {
    const translation = numbers(field(value, 'translation'), rank, isShift);
    if (!translation) {
      notices.add('A translation is not a list of one number per axis; it is not used.');
      return before;
    }
    return { ...before, translation: translation.map((t, i) => t + (before.translation?.[i] ?? 0)) };
  }
  if (type === 'sequence') {
    return compose(field(value, 'transformations'), rank, notices, before);
  }
  notices.add(
    `A coordinate transformation of type ${String(type).slice(0, 40)} is not used: positions are approximate.`
  );
  return before;
}

/**
 * Applies a list of coordinate transformations one after the other to `before` (OME-Zarr 0.4, section 3.3; sequences as
 * in 0.6). What cannot be used is left out with a notice, for the picture does not depend on it.
 */
export function compose(list: unknown, rank: number, notices: Set<string>, before: IAffine = {}): IAffine {
  if (list === undefined) {
    return before;
  }
  if (!Array.isArray(list)) {
    notices.add('The coordinate transformations are not a list; they are not used.');
    return before;
  }
  return list.reduce<IAffine>(
    (affine, value: unknown) =>
      typeof value === 'object' && value !== null ? step(affine, value, rank, notices) : affine,
    before
  );
}
