import { say } from './say';

/** True where the platform says that this machine has no network; false where it does not know. */
export function isOffline(): boolean {
  const { navigator } = globalThis as { navigator?: { onLine?: boolean } }; // absent outside of browsers
  return navigator?.onLine === false;
}

/** The words of a machine without network. */
export const OFFLINE = {
  message: say`You are offline.`,
  hint: say`Connect to the network and try again; what is shown already stays.`
} as const;
