import type { IImage } from './model';

/** Index of plane `index` of level 0 on level `level`: the plane that covers it, clipped to the level. 0 without that axis. */
export function indexAtLevel(image: IImage, level: number, axis: 't' | 'z', index: number): number {
  const position = image.at[axis];
  if (position === undefined) {
    return 0;
  }
  const { ratio, array } = image.levels[level];
  return Math.min(Math.max(0, Math.floor(index / ratio[position])), Math.max(0, array.shape[position] - 1));
}

/**
 * Region `[y0, y1, x0, x1]` in pixels of level 0, ends excluded, as pixels of level `level`: `[floor(a/s), ceil(b/s))`,
 * clipped to the level, where s is the level's ratio.
 */
export function regionAtLevel(
  image: IImage,
  level: number,
  region: readonly [number, number, number, number]
): [number, number, number, number] {
  const { ratio, array } = image.levels[level];
  const range = (from: number, to: number, axis: number): [number, number] => {
    const size = array.shape[axis];
    const start = Math.min(Math.max(0, Math.floor(from / ratio[axis])), size);
    return [start, Math.min(Math.max(start, Math.ceil(to / ratio[axis])), size)];
  };
  const [y0, y1, x0, x1] = region;
  return [...range(y0, y1, image.at.y), ...range(x0, x1, image.at.x)];
}
