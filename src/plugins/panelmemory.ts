import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { PartialJSONValue, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IPanelMemory } from '../browser';

const KEY = 'jupyterlab-bioimage:panel';
const PLUGIN = 'jupyterlab-bioimage:browser';
const FAVOURITES = 'favourites';

function objectOf(value: unknown): ReadonlyPartialJSONObject {
  // the shape of each field is checked by whoever reads it
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as ReadonlyPartialJSONObject)
    : {};
}

/**
 * Where the panel's state stays between visits: what is looked at belongs to the workspace and goes into the state
 * database; favourites belong to the person and go into the settings, which a hub keeps with the home folder.
 */
export function panelMemory(state: IStateDB | null, registry: ISettingRegistry | null): IPanelMemory {
  const settings = registry?.load(PLUGIN).catch((reason: unknown) => {
    console.warn('jupyterlab-bioimage: favourites are kept in this workspace only', reason);
    return null;
  });
  let saved: string | null = null;
  return {
    load: async () => {
      const [kept, loaded] = await Promise.all([state?.fetch(KEY), settings]);
      const own = loaded?.composite[FAVOURITES];
      const favourites = Array.isArray(own) && own.length > 0 ? own : objectOf(kept)[FAVOURITES];
      saved = JSON.stringify(own);
      return { ...objectOf(kept), favourites };
    },
    save: panel => {
      const value = JSON.parse(JSON.stringify(panel)) as ReadonlyPartialJSONObject; // plain JSON by its contract
      const failed = (reason: unknown): void =>
        console.warn('jupyterlab-bioimage: the panel is not remembered', reason);
      void state?.save(KEY, value).catch(failed);
      const favourites = JSON.stringify(panel.favourites);
      if (favourites !== saved) {
        saved = favourites;
        void settings?.then(
          loaded => loaded?.set(FAVOURITES, JSON.parse(favourites) as PartialJSONValue).catch(failed),
          failed
        );
      }
    }
  };
}
