import { say } from '../core';
import type { Said } from '../core';
import { cut } from './model';
import type { IChannel } from './model';

/** Layers of a texture array that every WebGL 2 implementation has: more channels cannot be drawn side by side. */
const MAX_CHANNELS = 256;
/** Channels that are on when the metadata does not say: more would only add up to white. */
const MAX_ACTIVE = 6;

type Hints = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Hints {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `omero` object of the metadata, where it is one. It is a hint in every version: nothing in it can fail an image. */
export function readOmero(value: unknown): Hints | undefined {
  return isRecord(value) ? value : undefined;
}

function readLabel(hint: Hints | undefined, index: number): string {
  const given = hint?.label ?? hint?.name;
  const text = typeof given === 'string' || typeof given === 'number' ? String(given).trim() : '';
  return text === '' ? `Channel ${index}` : cut(text, 80);
}

function readColor(hint: Hints | undefined): string | undefined {
  const match = typeof hint?.color === 'string' ? /^#?([0-9a-f]{6})$/i.exec(hint.color) : null;
  return match?.[1].toUpperCase();
}

/** A window whose ends are missing takes those of the range; one that is empty or not finite is no window. */
function readWindow(hint: Hints | undefined): IChannel['window'] {
  const given = isRecord(hint?.window) ? hint.window : {};
  const finite = (name: string): number | undefined => {
    const value = given[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const ends = [finite('start') ?? finite('min'), finite('end') ?? finite('max')];
  const [low, high] = ends;
  if (low === undefined || high === undefined || low === high) {
    return undefined;
  }
  const [start, end] = [Math.min(low, high), Math.max(low, high)];
  const range = [finite('min') ?? start, finite('max') ?? end];
  return { min: Math.min(...range, start), max: Math.max(...range, end), start, end };
}

/** Labels name the controls, so no two may be the same. */
function numberTwins(labels: readonly string[]): string[] {
  const taken = new Set(labels);
  return labels.map((label, i) => {
    if (labels.indexOf(label) === i && labels.lastIndexOf(label) === i) {
      return label;
    }
    let count = labels.slice(0, i + 1).filter(other => other === label).length;
    while (taken.has(`${label} ${count}`)) {
      count += 1;
    }
    taken.add(`${label} ${count}`);
    return `${label} ${count}`;
  });
}

/**
 * The channels of an image with `count` pixels along its channel axis (1 where it has none). Labels, colours and windows
 * come from `omero` as far as they can be used.
 */
export function readChannels(omero: Hints | undefined, count: number, notices: Said[]): IChannel[] {
  const listed = Array.isArray(omero?.channels) ? (omero.channels as readonly unknown[]) : [];
  if (listed.length > 0 && listed.length !== count) {
    notices.push(say`The display settings describe ${listed.length} channels, the image has ${count}.`);
  }
  if (count > MAX_CHANNELS) {
    notices.push(say`Only the first ${MAX_CHANNELS} of ${count} channels are listed.`);
  }
  const hints = Array.from({ length: Math.min(Math.max(count, 1), MAX_CHANNELS) }, (_, i) =>
    isRecord(listed[i]) ? listed[i] : undefined
  );
  const labels = numberTwins(hints.map(readLabel));
  const active = hints.map((hint, i) => (typeof hint?.active === 'boolean' ? hint.active : i < MAX_ACTIVE));
  if (!active.includes(true)) {
    active[0] = true;
    notices.push(say`The display settings hide every channel; the first one is shown.`);
  }
  return hints.map((hint, index) => {
    const color = readColor(hint);
    const window = readWindow(hint);
    return { index, label: labels[index], ...(color && { color }), active: active[index], ...(window && { window }) };
  });
}

/**
 * Plane to show first on an axis of `size` pixels: the metadata's default where it lies in the image, else `fallback`.
 */
export function readDefault(
  omero: Hints | undefined,
  key: 'defaultT' | 'defaultZ',
  size: number,
  fallback: number,
  notices: Said[]
): number {
  const given = isRecord(omero?.rdefs) ? omero.rdefs[key] : undefined;
  if (given === undefined || given === null) {
    return fallback;
  }
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given < size) {
    return given;
  }
  // Of an axis that is not there nothing is shown wrongly.
  if (size > 1) {
    notices.push(say`The default plane lies outside the image; plane ${fallback} is shown.`);
  }
  return fallback;
}
