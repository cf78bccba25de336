import type { IDocuments } from '../stores';
import type { IComplaint } from './model';

/**
 * What the specification has against metadata that is shown all the same, in the order of the specification's parts; the
 * same judge as that of the command `validate`. `documents` are those that opening has read (keys relative to the node).
 * The schemas are loaded when this is first called. Rejects where that fails.
 */
export async function complaintsOf(documents: IDocuments): Promise<IComplaint[]> {
  const { complain } = await import('./spec');
  return complain(documents);
}
