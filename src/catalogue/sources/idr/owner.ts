import { isBioImageError } from '../../../core';
import { countOf, field, jsonOf, listOf, textOf } from '../../fields';
import type { Relay } from '../../source';
import { containerKey } from './containers';
import type { IStudyList } from './list';
import { IDR } from './omero';
import type { IIdrStudy } from './studies';

/** What an image or plate belongs to. */
export interface IOwner {
  readonly study?: IIdrStudy;
  /** Id of the part of the study. */
  readonly dataset?: string;
}

/**
 * The study that an image or plate is in: the web client answers with paths `[{type, id}, …]` from the top to the object.
 * An answer of another form costs the study and nothing else.
 */
export async function ownerOf(
  relay: Relay,
  object: { kind: 'image' | 'plate'; id: number },
  list: IStudyList,
  signal: AbortSignal
): Promise<IOwner> {
  let json: unknown;
  try {
    const query = { [object.kind]: object.id };
    json = jsonOf(await relay(IDR, 'webclient/api/paths_to_object/', { query }, signal), 'paths');
  } catch (error) {
    if (!isBioImageError(error)) {
      throw error;
    }
    return {};
  }
  const steps = listOf(field(json, 'paths')).flatMap(listOf);
  const numberOf = (type: string): number | undefined =>
    countOf(
      field(
        steps.find(step => textOf(field(step, 'type')) === type),
        'id'
      )
    );
  for (const kind of ['screen', 'project'] as const) {
    const id = numberOf(kind);
    const study = id === undefined ? undefined : list.byContainer.get(containerKey(kind, id));
    if (id !== undefined && study !== undefined) {
      const dataset = kind === 'screen' ? undefined : numberOf('dataset');
      return { study, dataset: dataset === undefined ? containerKey(kind, id) : `dataset:${dataset}` };
    }
  }
  return {};
}
