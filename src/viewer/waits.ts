import { BioImageError, say } from '../core';
import type { Place } from './place';
import type { IWait } from './waiting';

type Waiter = Pick<Place, 'isOpen' | 'failure' | 'asking' | 'content' | 'node' | 'resolved' | 'route' | 'pending' | 'came' | 'standIn' | 'host'>;

/** What a place waits for; `null` where all of it is there, where it has failed, or where a person is to choose. */
export function waitOf(place: Waiter): IWait | null {
  const { content, node, resolved, route, pending, came, standIn } = place;
  if (!place.isOpen || place.failure || place.asking || content?.exact) {
    return null;
  }
  const progress = [resolved !== null, route, node !== undefined, content !== null, pending, came, standIn].join();
  return { what: waitedFor(place), progress };
}

function waitedFor({ node, content, resolved, route, pending, host: { trans } }: Waiter): string {
  if (!node) {
    if (!resolved) {
      return trans.__('the list of stores');
    }
    const host = route === 'direct' && resolved.direct !== undefined ? new URL(resolved.direct).host : '';
    return host || trans.__('the server');
  }
  if (!content) {
    return trans.__('the code that shows it');
  }
  return pending > 0 ? trans._n('%1 part to read', '%1 parts to read', pending) : trans.__('the drawing');
}

/** The failure that waiting ends with. */
export function waitingEnded(what: string, ms: number, byHand: boolean): BioImageError {
  const seconds = Math.round(ms / 1000);
  const text = byHand
    ? say`You stopped waiting for ${what} after ${seconds} s.`
    : say`Nothing came for ${seconds} s while waiting for ${what}.`;
  return new BioImageError('UPSTREAM_SLOW', text, {
    hint: say`Try again in a moment; if it stays, the store, the server or the line has too much to do.`
  });
}
