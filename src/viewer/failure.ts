import type { TranslationBundle } from '@jupyterlab/translation';
import type { BioImageError, ErrorCode } from '../core';
import type { ISelection } from '../entities';
import type { Route } from '../pixels';
import type { IResolved } from '../stores';
import type { IAction } from './alert';

/** What can be done about a failure, and with what. A `null` cannot be done here. */
export interface IRemedies {
  readonly uri: string;
  readonly route: Route | null;
  readonly resolved: IResolved | null;
  /** Routes of the session are there. */
  readonly hasSession: boolean;
  readonly selection: ISelection;
  readonly trans: TranslationBundle;
  retry(): void;
  copyDetails(): void;
  readonly useRoute: (route: Route) => void;
  readonly insert: (uri: string, selection: ISelection) => void;
  readonly login: (() => void) | null;
  readonly back: (() => void) | null;
  readonly open: ((uri: string) => void) | null;
  readonly documents: (() => void) | null;
}

type Remedy = 'login' | 'route' | 'insert' | 'documents' | 'parent';

/** What may help against each kind of failure, besides trying again and copying the details. */
const REMEDIES: Record<ErrorCode, readonly Remedy[]> = {
  BAD_REQUEST: [],
  CROSS_SITE: [],
  SESSION_ENDED: ['login', 'route'],
  STORE_DENIED: [],
  PATH_DENIED: [],
  NOT_FOUND: ['parent'],
  UPSTREAM_DENIED: ['route', 'parent'],
  UPSTREAM_BAD: ['route'],
  UPSTREAM_DOWN: ['route'],
  UPSTREAM_SLOW: ['route'],
  CHANGED: [],
  TOO_LARGE: ['insert'],
  BUSY: ['route'],
  BAD_METADATA: ['documents', 'parent'],
  BAD_CHUNK: ['route'],
  UNSUPPORTED: ['route', 'insert', 'documents'],
  CATALOGUE_BAD: [],
  KERNEL_GONE: [],
  HUB_GONE: ['route'],
  INTERNAL: []
};

/** The buttons of a failure: try again first, the details last, between them what may help against this kind. */
export function failureActions(error: BioImageError, remedies: IRemedies): IAction[] {
  const { trans } = remedies;
  const helpful = REMEDIES[error.code].flatMap(remedy => BUTTONS[remedy](remedies) ?? []);
  return [
    { label: trans.__('Try again'), run: () => remedies.retry() },
    ...helpful,
    ...(remedies.back ? [{ label: trans.__('Back'), run: remedies.back }] : []),
    { label: trans.__('Copy details'), run: () => remedies.copyDetails() }
  ];
}

const BUTTONS: Record<Remedy, (remedies: IRemedies) => IAction | null> = {
  login: ({ login, trans }) => login && { label: trans.__('Sign in'), run: login },
  route: ({ route, resolved, hasSession, useRoute, trans }) => {
    if (route === null || !resolved?.store || resolved.direct === undefined || !hasSession) {
      return null; // there is one way only
    }
    return route === 'direct'
      ? { label: trans.__('Open through the session'), run: () => useRoute('session') }
      : { label: trans.__('Open directly from the store'), run: () => useRoute('direct') };
  },
  insert: ({ insert, uri, selection, trans }) => ({ label: trans.__('Insert code anyway'), run: () => insert(uri, selection) }),
  documents: ({ documents, trans }) => documents && { label: trans.__('Show metadata'), run: documents },
  parent: ({ uri, open, back, trans }) => {
    const above = parentOf(uri);
    return above === null || open === null || back !== null ? null : { label: trans.__('Open the folder above'), run: () => open(above) };
  }
};

/** The address above: within its store, bucket or host; `null` at the top of that. */
export function parentOf(uri: string): string | null {
  const [, root, path] = /^([a-z][a-z0-9+.-]*:\/\/[^/]+\/|store:[^/]+\/)?(.*)$/is.exec(uri.replace(/\/+$/, '')) ?? [];
  const cut = path?.lastIndexOf('/') ?? -1;
  return cut > 0 ? (root ?? '') + path.slice(0, cut) : null;
}
