import type { TranslationBundle } from '@jupyterlab/translation';
import { BioImageError, cleanText } from '../../core';
import { formatBytes } from './bytes';
import type { IOversize } from './planes';

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
export type ReducedState = 'none' | 'offered' | 'reading' | 'shown' | 'failed';

/** Nothing is drawn because it would mean reading too much. */
export function oversizeMessage(
  over: IOversize & { coarsest: boolean; reduced: ReducedState },
  run: { read: () => void; reduce: () => void },
  trans: TranslationBundle
): IMessage {
  const bytes = formatBytes(over.bytes);
  const read = { label: trans.__('Read it anyway (%1)', bytes), run: run.read };
  const reduce = { label: trans.__('Show a reduced picture'), run: run.reduce };
  switch (over.reduced) {
    case 'reading':
      return { text: trans.__('A reduced picture is being made…'), actions: [read] };
    case 'shown':
      return { text: trans.__('Reduced picture, for display only: no values are read from it. Zoom in for the pixels themselves.'), actions: [read] };
    case 'failed':
      return { text: trans.__('The reduced picture could not be made. Zoom in to see a part.'), actions: [reduce, read] };
    default: {
      const text = over.coarsest
        ? trans.__('There is no smaller version of this image: showing this much of it means reading %1. Zoom in to see a part.', bytes)
        : trans.__('At level %1 this view means reading %2. Zoom in, or choose a coarser level.', over.level, bytes);
      return { text, actions: over.reduced === 'offered' ? [reduce, read] : [read] };
    }
  }
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
  const cause = cleanText(damaged[0].message);
  return {
    text: trans._n('%1 tile could not be read: %2', '%1 tiles could not be read: %2', damaged.length, cause),
    actions: [{ label: trans.__('Try again'), run }]
  };
}

/** All of the plane is in view, and no chunk of it is in the store. */
export function emptyMessage(trans: TranslationBundle): IMessage {
  return { text: trans.__('There are no pixels: none of the chunks of this plane is in the store.'), actions: [] };
}

/** Nothing can be drawn here at all. */
export function drawingFailure(cause: Error, trans: TranslationBundle): BioImageError {
  return new BioImageError('UNSUPPORTED', trans.__('This browser could not draw the image with WebGL 2.'), {
    hint: trans.__('Enable hardware acceleration or use another browser; the code snippet works all the same.'),
    cause
  });
}
