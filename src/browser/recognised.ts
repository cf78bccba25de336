import type { ICatalogueSource, IRecognised } from '../catalogue';

/** What the text in the search box names in a source. */
export type IHit = IRecognised & { readonly source: ICatalogueSource };

/** Asks a source whether it knows the text; one that fails is no reason for the others to be silent. */
function ask(source: ICatalogueSource, text: string): IRecognised | null {
  try {
    return source.recognise?.(text) ?? null;
  } catch (reason) {
    // Sources of other extensions run here, at every key: whatever one of them throws is its own affair.
    console.warn(`jupyterlab-bioimage: the source ${source.id} could not say whether it knows the text`, reason);
    return null;
  }
}

/** All that the text is the name of, by the rank of the sources; nothing is sent to any service. */
export function hitsOf(sources: readonly ICatalogueSource[], text: string): IHit[] {
  const name = text.trim();
  if (name === '') {
    return [];
  }
  return sources.flatMap(source => {
    const known = ask(source, name);
    return known === null ? [] : [{ ...known, source }];
  });
}

/** The name of a hit: an accession or an image's id. */
export function hitName(hit: IHit): string {
  return hit.kind === 'study' ? hit.accession : hit.id;
}

/** A hit of a study and those after it. */
export function studiesFrom(hits: readonly IHit[], first: IHit & { kind: 'study' }): (IHit & { kind: 'study' })[] {
  const place = hits.findIndex(({ source }) => source === first.source);
  return [first, ...hits.slice(place + 1).filter(hit => hit.kind === 'study')];
}
