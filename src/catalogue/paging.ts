import type { IPage, IQuery } from '../entities';

/**
 * One page of a list that is there as a whole; all of it where nobody says how many. The cursor is the place of the next
 * page, and one that is not ours begins at the beginning.
 */
export function pageOf<T>(
  items: readonly T[],
  { cursor = '', limit }: Pick<IQuery, 'cursor' | 'limit'>,
  most = items.length
): Pick<IPage<T>, 'items' | 'total' | 'cursor'> {
  const start = /^\d{1,9}$/.test(cursor) ? Number(cursor) : 0;
  const end = start + Math.max(1, limit ?? most);
  return {
    items: items.slice(start, end),
    total: items.length,
    ...(end < items.length ? { cursor: String(end) } : {})
  };
}
