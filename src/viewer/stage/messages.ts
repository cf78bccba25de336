import type { TranslationBundle } from '@jupyterlab/translation';
import { BioImageError, cleanText, localised, say } from '../../core';
import { formatBytes } from './bytes';
import type { IOversize } from './planes';
import { REDUCED_BYTES } from './reducedpart';
import type { IReducedPart } from './reducedpart';

/** Words of a message over the image, and of its buttons. */
export interface IMessage {
  text: string;
  actions: readonly IAction[];
}

/** What can be done about a message. */
export interface IAction {
  label: string;
  run: () => void;
}

/** What a reduced picture is at the moment; `none`: nobody makes one. */
export type ReducedState = 'none' | 'offered' | 'reading' | 'shown' | 'partial' | 'failed';

/** Nothing is drawn because it would mean reading too much. `extent`: what a reduced picture would show, where that is known. */
export function oversizeMessage(
  over: IOversize & { coarsest: boolean; reduced: ReducedState; extent?: IReducedPart },
  run: { read: () => void; reduce: () => void; stop: () => void },
  trans: TranslationBundle
): IMessage {
  const bytes = formatBytes(over.bytes);
  const read = { label: trans.__('Read it anyway (%1)', bytes), run: run.read };
  const reduce = { label: trans.__('Show a reduced picture'), run: run.reduce };
  switch (over.reduced) {
    case 'reading':
      return { text: readingText(over.extent, trans), actions: [{ label: trans.__('Stop'), run: run.stop }, read] };
    case 'shown':
      return { text: trans.__('Reduced picture, for display only: no values are read from it. Zoom in for the pixels themselves.'), actions: [read] };
    case 'partial':
      return { text: trans.__('Reduced picture of the middle, for display only: no values are read from it. Zoom in for the pixels themselves.'), actions: [read] };
    case 'failed':
      return { text: trans.__('The reduced picture could not be made. Zoom in to see a part.'), actions: [reduce, read] };
    default: {
      const text = over.coarsest
        ? trans.__('There is no smaller version of this image: showing this much of it means reading %1. Zoom in to see a part.', bytes)
        : trans.__('At level %1 this view means reading %2. Zoom in, or choose a coarser level.', over.level, bytes);
      return over.reduced === 'offered'
        ? { text: `${text} ${offer(over, trans)}`, actions: [reduce, read] }
        : { text, actions: [read] };
    }
  }
}

function readingText(extent: IReducedPart | undefined, trans: TranslationBundle): string {
  return extent?.sampled
    ? trans.__('A reduced picture is being made: %1 are read chunk by chunk, which takes about %2.', formatBytes(extent.sampled.bytes), duration(extent.sampled.seconds, trans))
    : trans.__('A reduced picture is being made…');
}

/** Seconds as a person says them, for what is known roughly. */
function duration(seconds: number, trans: TranslationBundle): string {
  const minutes = Math.round(seconds / 60);
  return seconds < 90 ? trans._n('%1 second', '%1 seconds', Math.max(1, seconds)) : trans._n('%1 minute', '%1 minutes', minutes);
}

/** What a reduced picture costs, and how much it would show where that is not all. */
function offer({ bytes, extent }: IOversize & { extent?: IReducedPart }, trans: TranslationBundle): string {
  if (extent?.sampled) {
    const cost = formatBytes(extent.sampled.bytes);
    return trans.__('For a reduced picture of all of it the server reads %1 chunk by chunk and keeps every few pixels; that takes about %2.', cost, duration(extent.sampled.seconds, trans));
  }
  const cost = formatBytes(Math.min(bytes, REDUCED_BYTES));
  if (!extent || extent.part.every((size, i) => size >= extent.view[i])) {
    return trans.__('For a reduced picture the server reads at most %1.', cost);
  }
  const [part, view] = [extent.part, extent.view].map(size => size.join(' × '));
  return trans.__('For a reduced picture the server reads at most %1: it would show the middle %2 pixels of these %3 only.', cost, part, view);
}

/** An axis has the length 0. */
export function pixellessMessage(axes: readonly string[], trans: TranslationBundle): IMessage {
  const names = axes.map(axis => cleanText(axis, 40)).join(', ');
  return { text: trans._n('This image has no pixels: its length along %2 is 0.', 'This image has no pixels: its lengths along %2 are 0.', axes.length, names), actions: [] };
}

/** A label image is not drawn because it would mean reading too much. */
export function oversizeLabelMessage(over: IOversize & { label: string }, run: () => void, trans: TranslationBundle): IMessage {
  const bytes = formatBytes(over.bytes);
  return {
    text: trans.__('There is no smaller version of the labels %1: showing this much of them means reading %2. Zoom in to see a part.', over.label, bytes),
    actions: [{ label: trans.__('Read it anyway (%1)', bytes), run }]
  };
}

/** Tiles in the view are damaged; the first one's cause stands for all. */
export function damagedMessage(damaged: readonly BioImageError[], run: () => void, trans: TranslationBundle): IMessage {
  const cause = cleanText(localised(trans, damaged[0].said.message));
  return {
    text: trans._n('%1 tile could not be read: %2', '%1 tiles could not be read: %2', damaged.length, cause),
    actions: [{ label: trans.__('Try again'), run }]
  };
}

/** No chunk of what is in view is in the store. */
export function emptyMessage(whole: boolean, trans: TranslationBundle): IMessage {
  const text = whole
    ? trans.__('There are no pixels: none of the chunks of this plane is in the store.')
    : trans.__('No data here: none of the chunks of this part is in the store.');
  return { text, actions: [] };
}

/** Nothing can be drawn here at all. */
export function drawingFailure(cause: Error): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This browser could not draw the image with WebGL 2.`, {
    hint: say`Enable hardware acceleration or use another browser; the code snippet works all the same.`,
    cause
  });
}
