import type { ISelection } from '../entities';
import type { Whereabouts } from './navigation';
import { viewOf } from './navigation';
import type { IPreviewHost } from './types';

/**
 * The host as one place of a preview sees it. Code for a series is that of its own address, `uri`; code for a field, and
 * links, name the address that was opened, `root`, and where in it the place is.
 */
export function hostAt(host: IPreviewHost, root: string, uri: string, whereabouts: () => Whereabouts): IPreviewHost {
  const insert = (_: string, selection: ISelection): void => {
    const at = whereabouts();
    if (at.well === undefined && at.field === undefined) {
      host.insert(uri, viewOf(selection));
    } else {
      host.insert(root, { ...viewOf(selection), ...at });
    }
  };
  const copyLink = host.copyLink && ((_: string, state: ISelection) => host.copyLink!(root, { ...state, ...whereabouts() }));
  return { ...bound(host), insert, copyLink };
}

/** Methods of a class are not copied with its fields. */
function bound(host: IPreviewHost): IPreviewHost {
  return {
    trans: host.trans,
    resolve: uri => host.resolve(uri),
    relocate: host.relocate && ((uri, signal) => host.relocate!(uri, signal)),
    environment: () => host.environment(),
    confirmHost: name => host.confirmHost(name),
    insert: (uri, selection) => host.insert(uri, selection),
    open: host.open && (uri => host.open!(uri)),
    copy: text => host.copy(text),
    copyLink: host.copyLink && ((uri, state) => host.copyLink!(uri, state)),
    thumbnail: host.thumbnail && ((place, size, signal) => host.thumbnail!(place, size, signal)),
    login: host.login && (() => host.login!())
  };
}
