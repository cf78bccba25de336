import type { TranslationBundle } from '@jupyterlab/translation';
import { BioImageError, localised, say } from '../core';
import type { ErrorCode } from '../core';
import type { Route } from '../pixels';

/** What a failure says to people: what could not be done, why, and what can be done now. */
export interface IFailureText {
  title: string;
  cause: string;
  next: string;
}

/** Words of one kind of failure. The cause stands where the place that failed gave none of its own. */
type Words = (trans: TranslationBundle, route: Route | null) => IFailureText;

const NOT_SHOWN = (trans: TranslationBundle): string => trans.__('The image could not be shown');

/** The words of every kind of failure; a route matters where the other one may do better. */
const WORDS: Record<ErrorCode, Words> = {
  BAD_REQUEST: trans => ({
    title: trans.__('This address cannot be opened'),
    cause: trans.__('The address or the view that was asked for is not valid.'),
    next: trans.__('Check the address and open it again.')
  }),
  CROSS_SITE: trans => ({
    title: NOT_SHOWN(trans),
    cause: trans.__('The server took the request for one of another site.'),
    next: trans.__('Open JupyterLab itself in this browser and start from there.')
  }),
  SESSION_ENDED: trans => ({
    title: trans.__('Your session has ended'),
    cause: trans.__('The server asks to sign in again.'),
    next: trans.__('Sign in again in the tab that opens, then try again here. Nothing was lost.')
  }),
  STORE_DENIED: trans => ({
    title: trans.__('This store may not be read'),
    cause: trans.__('It is not on the list of stores of this service.'),
    next: trans.__('Ask the operator of this service to add the store, or open an image of a listed one.')
  }),
  PATH_DENIED: trans => ({
    title: trans.__('This path may not be read'),
    cause: trans.__('It is outside of the folder that is offered.'),
    next: trans.__('Choose a path inside the folder.')
  }),
  NOT_FOUND: trans => ({
    title: trans.__('Nothing was found here'),
    cause: trans.__('There is no image at this address.'),
    next: trans.__('Check the address; the data may have been moved or withdrawn.')
  }),
  UPSTREAM_DENIED: (trans, route) => ({
    title: trans.__('The store refused access'),
    cause: trans.__('It does not let the data be read without further rights.'),
    next:
      route === 'direct'
        ? trans.__('Open it through the session, which may have the rights; else the data may not be public, or not yet.')
        : trans.__('The data may not be public, or not yet; ask their owner for access.')
  }),
  UPSTREAM_BAD: trans => ({
    title: trans.__('The store gave a wrong answer'),
    cause: trans.__('What it sent is not what was asked for.'),
    next: trans.__('Try again later; if it stays, report it to the owner of the store.')
  }),
  UPSTREAM_DOWN: (trans, route) => ({
    title: trans.__('The store could not be reached'),
    cause:
      route === 'direct'
        ? trans.__('Either there is no connection to it, or it does not allow this page to read it (CORS).')
        : trans.__('This session has no connection to it.'),
    next:
      route === 'direct'
        ? trans.__('Open it through the session, which asks the store from the server; else check the connection and try again.')
        : trans.__('Check the connection and try again in a moment.')
  }),
  UPSTREAM_SLOW: trans => ({
    title: trans.__('The store is too slow'),
    cause: trans.__('It did not answer in time.'),
    next: trans.__('Try again in a moment.')
  }),
  CHANGED: trans => ({
    title: trans.__('The data changed while they were read'),
    cause: trans.__('Parts of two versions were found, which are never drawn together.'),
    next: trans.__('Try again to read the new version from the start.')
  }),
  TOO_LARGE: trans => ({
    title: trans.__('Too large to be shown here'),
    cause: trans.__('Drawing it would mean reading more than fits.'),
    next: trans.__('Insert code instead, which loads the data piece by piece, or open a smaller level or part.')
  }),
  BUSY: trans => ({
    title: trans.__('Too much is being read at the moment'),
    cause: trans.__('Many requests are open.'),
    next: trans.__('Wait a moment and try again.')
  }),
  BAD_METADATA: trans => ({
    title: trans.__('The description of this image is not valid'),
    cause: trans.__('Its metadata do not say what must be known to draw it.'),
    next: trans.__('Look at the metadata and report it to the author of the image; code may still read the arrays.')
  }),
  BAD_CHUNK: trans => ({
    title: trans.__('A part of the image is damaged'),
    cause: trans.__('What is stored cannot be decoded.'),
    next: trans.__('Try again to read this part once more; the rest of the image can be used.')
  }),
  UNSUPPORTED: (trans, route) => ({
    title: trans.__('This cannot be drawn here'),
    cause: trans.__('It is stored in a way that the preview does not know.'),
    next:
      route === 'direct'
        ? trans.__('Open it through the session, whose server knows more formats, or insert code that reads it.')
        : trans.__('Insert code that reads it, open it with another program, or convert it to OME-Zarr.')
  }),
  CATALOGUE_BAD: trans => ({
    title: trans.__('The catalogue could not be read'),
    cause: trans.__('Its answer was not understood.'),
    next: trans.__('Try again later; other catalogues are not affected.')
  }),
  KERNEL_GONE: trans => ({
    title: trans.__('The kernel is not running'),
    cause: trans.__('There is no kernel to do this.'),
    next: trans.__('Start a kernel and try again.')
  }),
  HUB_GONE: trans => ({
    title: trans.__('The hub cannot be reached'),
    cause: trans.__('The server of this session does not answer through its hub.'),
    next: trans.__('Your work here continues. Try again in a moment.')
  }),
  INTERNAL: trans => ({
    title: NOT_SHOWN(trans),
    cause: trans.__('Something went wrong here.'),
    next: trans.__('Try again; if it stays, copy the details and report them with the steps that led here.')
  })
};

/** Kinds of failure of which the server knows more than its code tells: what is missing, what would fit. */
const TOLD: readonly ErrorCode[] = ['UNSUPPORTED', 'TOO_LARGE'];

/** Kinds of failure that a device without a network explains. */
const OFFLINE: readonly ErrorCode[] = ['UPSTREAM_DOWN', 'UPSTREAM_SLOW', 'HUB_GONE'];

/**
 * What a failure says. A cause and a next step that the place that failed knew are kept; the code's own words stand for those
 * it did not. Text of exceptions is never among them.
 */
export function failureText(
  error: BioImageError,
  route: Route | null,
  trans: TranslationBundle,
  isOnline = navigator.onLine
): IFailureText {
  if (isCodeMissing(error)) {
    return {
      title: NOT_SHOWN(trans),
      cause: trans.__('A part of this extension could not be loaded: the connection broke off, or it has been updated meanwhile.'),
      next: trans.__('Try again; if it stays, save your work and reload the page.')
    };
  }
  const words = WORDS[error.code](trans, route);
  // what was thrown here by accident tells nothing to people; it is among the details
  const own = error.code === 'INTERNAL' || error.message === '' ? '' : localised(trans, error.said.message);
  const where = error.where && !own.includes(error.where) ? ` (${error.where})` : '';
  const isDefault = error.id !== undefined && !TOLD.includes(error.code); // the server has one next step per code, as we do
  const isOwnHint = !isDefault && error.said.hint !== new BioImageError(error.code, say``).said.hint;
  const isOffline = !isOnline && OFFLINE.includes(error.code);
  return {
    title: words.title,
    cause: (own || words.cause) + where,
    next: isOffline
      ? trans.__('This device is offline. Connect it to the network and try again.')
      : isOwnHint
        ? localised(trans, error.said.hint)
        : words.next
  };
}

/** A chunk of our own code could not be fetched, as the module loaders name it. */
function isCodeMissing({ cause }: BioImageError): boolean {
  return cause instanceof Error && (cause.name === 'ChunkLoadError' || /dynamically imported module/.test(cause.message));
}

/** What can be copied for a report. */
export function failureDetails(error: BioImageError, uri: string, route: Route | null): string {
  return [
    `${error.code}: ${error.message}`,
    `address: ${uri}`,
    ...(route ? [`route: ${route}`] : []),
    ...(error.where ? [`where: ${error.where}`] : []),
    ...(error.id ? [`log: ${error.id}`] : []),
    ...(error.cause instanceof Error ? [`cause: ${error.cause.name}: ${error.cause.message}`] : [])
  ].join('\n');
}
