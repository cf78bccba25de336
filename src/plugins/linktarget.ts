import type { IBioImageCatalogue } from './tokens';

/**
 * Whether an address is the page of an archive that names a study or an image there. Its text is all that is looked at;
 * an address with a `.zarr` in it is an image's own, and waits for no source.
 */
export async function isArchivePage(
  uri: string,
  catalogue: Pick<IBioImageCatalogue, 'populate' | 'sources'>
): Promise<boolean> {
  if (!/^https:/i.test(uri) || /\.zarr(?:[/?#]|$)/i.test(uri)) {
    return false;
  }
  try {
    await catalogue.populate();
  } catch (reason) {
    // Some sources may be there all the same; without any the address is opened as it is.
    console.warn('jupyterlab-bioimage: the sources could not be asked whether they know the link', reason);
  }
  return catalogue.sources.some(source => {
    try {
      return (source.recognise?.(uri) ?? null) !== null;
    } catch (reason) {
      // Sources of other extensions run here: whatever one of them throws is its own affair.
      console.warn(`jupyterlab-bioimage: the source ${source.id} could not say whether it knows the link`, reason);
      return false;
    }
  });
}
