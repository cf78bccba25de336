import { Clipboard } from '@jupyterlab/apputils';

/** Puts text on the clipboard; the older way where the page may not use the newer one (plain http, no permission). */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Refused or not there: both are a matter of the page's origin, and the other way needs no permission.
    Clipboard.copyToSystem(text);
  }
}
