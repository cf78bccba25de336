import { invalid, say, throwIfAborted } from '../core';
import type { IDocuments } from '../stores';
import type { INode } from './model';
import { buildNode } from './node';

/**
 * Bound of the rounds of reading documents that name further documents: roots, levels, the list of a collection, its images
 * in groups. One whose 256 images are found by number needs the most, some 35. The server's `opening.py` has the same.
 */
export const MAX_ROUNDS = 40;

/**
 * The node of `documents`, which `read` completes round by round: it adds every key of `missing`, null where there is no such
 * document.
 *
 * @throws as `buildNode` and `read`; BAD_METADATA after {@link MAX_ROUNDS} rounds; the signal's reason
 */
export async function nodeInRounds(
  documents: IDocuments,
  read: (missing: readonly string[], round: number) => Promise<void>,
  signal?: AbortSignal
): Promise<INode> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    throwIfAborted(signal);
    const built = buildNode(documents);
    if ('node' in built) {
      return built.node;
    }
    await read(built.missing, round);
  }
  throw invalid(undefined, say`names further documents without end`, { subject: say`it` });
}
