import { isBioImageError } from '../../../core';
import { field, jsonOf } from '../../fields';
import type { Relay } from '../../source';
import { IDR } from './omero';

/** Thumbnails per request: answers stay below 150 kB. */
const BATCH = 24;
/** Characters of one thumbnail; real ones have at most 7,000. */
const MAX_THUMBNAIL = 100_000;
/** What may be drawn: a picture in the text itself, of a kind that holds no script. */
const PICTURE = /^data:image\/(?:jpeg|png);base64,[A-Za-z0-9+/]+={0,2}$/;

/** A thumbnail as it may be shown; `undefined` for anything else that an answer holds. */
export function pictureOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_THUMBNAIL && PICTURE.test(value) ? value : undefined;
}

/**
 * Small pictures of images by their numbers, in batches. Only the default size is asked for: the form with a size is
 * answered with 404. A batch that fails costs its pictures and nothing else.
 */
export async function thumbnails(
  relay: Relay,
  ids: readonly number[],
  signal: AbortSignal
): Promise<Map<number, string>> {
  const pictures = new Map<number, string>();
  const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, at) =>
    ids.slice(at * BATCH, (at + 1) * BATCH)
  );
  await Promise.all(
    batches.map(async batch => {
      try {
        const answer = await relay(IDR, 'webgateway/get_thumbnails/', { query: { id: batch.map(String) } }, signal);
        const json = jsonOf(answer, 'thumbnails');
        for (const id of batch) {
          const picture = pictureOf(field(json, String(id)));
          if (picture !== undefined) {
            pictures.set(id, picture);
          }
        }
      } catch (error) {
        if (!isBioImageError(error)) {
          throw error;
        }
      }
    })
  );
  return pictures;
}
