import type { JupyterFrontEnd } from '@jupyterlab/application';

/** Address of the application without query, as a browser on another machine can follow it. */
export function labAddress(app: JupyterFrontEnd): string {
  const { baseUrl, appUrl } = app.serviceManager.serverSettings;
  // The server's address may be a path only; the page's own address makes it whole.
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`, window.location.href);
  return new URL(appUrl.replace(/^\//, '') || 'lab', base).href;
}
