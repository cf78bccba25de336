// The workspace that a person meets when JupyterLab is started here for the first time.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** JupyterLab's name for the file of the workspace `default`: the name and a hash of it. */
const FILE = 'default-37a8.jupyterlab-workspace';
const PANEL = 'jp-bioimage-browser';

/**
 * Opens the panel on the very first start. It is a saved layout like any other: whoever closes the panel finds it closed
 * the next time, and other workspaces know nothing of it.
 */
export function firstWorkspace(folder) {
  const file = path.join(folder, FILE);
  if (existsSync(file)) {
    return;
  }
  const left = { collapsed: false, visible: true, current: PANEL, widgets: ['filebrowser', PANEL], widgetStates: {} };
  const layout = { main: { dock: null, current: null }, left, relativeSizes: [0.22, 0.78, 0] };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify({ data: { 'layout-restorer:data': layout }, metadata: { id: 'default' } }));
}
