/** Address of the page where one signs in again: behind a hub that of the hub, for the session's own server may have ended. */
export function signInAddress(
  { hubHost = '', hubPrefix = '' }: { hubHost?: string; hubPrefix?: string },
  baseUrl: string,
  origin: string
): string {
  const base = hubPrefix === '' ? baseUrl : `${hubHost || origin}${hubPrefix}`;
  return new URL(`${base.replace(/\/+$/, '')}/${hubPrefix === '' ? 'login' : 'home'}`, origin).href;
}

/** Shows where one signs in again, in a tab of its own: nothing here is lost meanwhile. */
export function signIn(urls: { hubHost?: string; hubPrefix?: string } | undefined, baseUrl: string): void {
  window.open(signInAddress(urls ?? {}, baseUrl, window.location.origin), '_blank', 'noopener');
}
