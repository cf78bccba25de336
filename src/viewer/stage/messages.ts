import type { TranslationBundle } from '@jupyterlab/translation';
import { cleanText } from '../../core';
import type { BioImageError } from '../../core';
import { formatBytes } from './bytes';
import type { IOversize } from './planes';

/** Words of a message over the image, and of its button. */
export interface IMessage {
  text: string;
  label: string;
}

/** Nothing is drawn because it would mean reading too much. */
export function oversizeMessage(over: IOversize, coarsest: boolean, trans: TranslationBundle): IMessage {
  const bytes = formatBytes(over.bytes);
  const text = coarsest
    ? trans.__('There is no smaller version of this image: showing this much of it means reading %1. Zoom in to see a part.', bytes)
    : trans.__('At level %1 this view means reading %2. Zoom in, or choose a coarser level.', over.level, bytes);
  return { text, label: trans.__('Read it anyway') };
}

/** Tiles in the view are damaged; the first one's cause stands for all. */
export function damagedMessage(damaged: readonly BioImageError[], trans: TranslationBundle): IMessage {
  const cause = cleanText(damaged[0].message);
  return {
    text: trans._n('%1 tile could not be read: %2', '%1 tiles could not be read: %2', damaged.length, cause),
    label: trans.__('Try again')
  };
}
