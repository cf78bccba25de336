import { BioImageError, say } from '../../../core';
import { field, jsonOf, listOf } from '../../fields';
import type { IRelayAnswer, Relay, RelayQuery } from '../../source';
import { readAll, uuidOf } from './wire';

/** Service of the relay that is asked. */
export const SERVICE = 'bia';
/** Objects per page: the archive's own site asks for no more. */
const MAX_PAGE = 1000;
/** uuids named in one request: with 49 characters each the address stays well below what servers take. */
const MAX_UUIDS = 50;

/** A page of objects in the order of their uuids; `next` is where the following one starts, absent on the last. */
export interface IObjectPage<T> {
  readonly items: T[];
  readonly next?: string;
}

/**
 * The archive's API, version 2. Lists are paged by uuid and have no total: a page that is not full is the last. Rejects as
 * the relay does, and with CATALOGUE_BAD for an answer of another form.
 */
export class BiaApi {
  constructor(private readonly relay: Relay) {}

  /** The study of an accession; NOT_FOUND where the answer is `null`. */
  async study(accession: string, signal: AbortSignal): Promise<{ value: unknown; answer: IRelayAnswer }> {
    const query = { accession_id: accession };
    const answer = await this.relay(SERVICE, 'search/study/accession', { query }, signal);
    const value = jsonOf(answer, 'study');
    if (value === null) {
      throw new BioImageError('NOT_FOUND', say`The BioImage Archive has no such study.`, { where: accession });
    }
    return { value, answer };
  }

  /** One object, or what a route says of it. */
  async one(path: string, signal: AbortSignal): Promise<unknown> {
    return jsonOf(await this.relay(SERVICE, path, {}, signal), path);
  }

  /** One page of a list; `start` is left out itself. */
  async page<T>(
    path: string,
    read: (value: unknown) => T | undefined,
    options: { start?: string; size: number; query?: RelayQuery },
    signal: AbortSignal
  ): Promise<IObjectPage<T>> {
    const size = Math.min(Math.max(1, options.size), MAX_PAGE);
    const query = { ...options.query, page_size: size, start_from_uuid: options.start };
    const value = jsonOf(await this.relay(SERVICE, path, { query }, signal), path);
    if (!Array.isArray(value)) {
      throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: path });
    }
    const all = listOf(value);
    const last = uuidOf(field(all.at(-1), 'uuid'));
    // A cursor that does not move would ask for the same page for ever.
    const moves = last !== undefined && (options.start === undefined || last > options.start);
    return { items: readAll(all, read), ...(all.length >= size && moves ? { next: last } : {}) };
  }

  /** All of a list, up to `pages` pages of 1,000. */
  async all<T>(
    path: string,
    read: (value: unknown) => T | undefined,
    options: { pages: number; query?: RelayQuery },
    signal: AbortSignal
  ): Promise<{ items: T[]; complete: boolean }> {
    const items: T[] = [];
    let start: string | undefined;
    for (let page = 0; page < options.pages; page++) {
      const found = await this.page(path, read, { start, size: MAX_PAGE, query: options.query }, signal);
      items.push(...found.items);
      start = found.next;
      if (start === undefined) {
        return { items, complete: true };
      }
    }
    return { items, complete: false };
  }

  /** Objects of a kind by their uuids, fifty to a request. */
  async named<T>(
    kind: string,
    uuids: readonly string[],
    read: (value: unknown) => T | undefined,
    signal: AbortSignal
  ): Promise<T[]> {
    const items: T[] = [];
    for (let at = 0; at < uuids.length; at += MAX_UUIDS) {
      const some = uuids.slice(at, at + MAX_UUIDS);
      const query = { filter_uuid: some };
      items.push(...(await this.page(`search/${kind}`, read, { size: some.length, query }, signal)).items);
    }
    return items;
  }
}
