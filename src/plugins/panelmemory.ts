import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IPanelMemory } from '../browser';
import { mergeFavourites, readFavourites } from '../browser';
import type { Personal } from './personal';

const KEY = 'jupyterlab-bioimage:panel';
const FAVOURITES = 'favourites';

function objectOf(value: unknown): ReadonlyPartialJSONObject {
  // the shape of each field is checked by whoever reads it
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as ReadonlyPartialJSONObject)
    : {};
}

/**
 * Where the panel's state stays between visits: what is looked at belongs to the workspace and goes into the state
 * database; favourites belong to the person and go into the settings, and into the state database only without settings.
 */
export function panelMemory(state: IStateDB | null, personal: Personal | null): IPanelMemory {
  let isKept = false;
  return {
    load: async () => {
      const [kept, own, has] = await Promise.all([
        state?.fetch(KEY),
        personal?.list(FAVOURITES),
        personal?.isKept() ?? false
      ]);
      isKept = has;
      const old = readFavourites(objectOf(kept)[FAVOURITES]);
      if (own === undefined && old.length > 0) {
        // Marked before there were settings to keep it in: it is the person's from now on.
        void personal?.change(FAVOURITES, now => (now.length === 0 ? old : null));
      }
      return { ...objectOf(kept), [FAVOURITES]: own ?? old };
    },
    save: (panel, before) => {
      const { favourites, ...rest } = panel;
      const value: unknown = JSON.parse(JSON.stringify(isKept ? rest : panel));
      void state?.save(KEY, objectOf(value)).catch((reason: unknown) => {
        console.warn('jupyterlab-bioimage: the panel is not remembered', reason);
      });
      if (mergeFavourites(before, favourites, before) !== null) {
        void personal?.change(FAVOURITES, now => mergeFavourites(before, favourites, readFavourites(now)));
      }
    },
    follow: listener => void personal?.follow(FAVOURITES, listener)
  };
}
