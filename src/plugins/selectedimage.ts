import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { IMAGE_FILE } from './imagefiles';

/** As `source` of a command without `uri`: the folder or file that is selected in the file browser. */
export const FILE_BROWSER = 'filebrowser';

/** Drives that show the server's own files; the second name is that of the drive for shared editing. */
const SERVER_DRIVES = ['', 'RTC'];

/** The address of a path in the file browser. A colon in it could be taken for a scheme, so it is written out then. */
export function fileUri(path: string): string {
  return path.includes(':') ? `store:files/${path}` : path;
}

/** The address of a folder or file of the file browser; `undefined` where the server does not hold it. */
export function imageUri(app: JupyterFrontEnd, path: string): string | undefined {
  const { contents } = app.serviceManager;
  return SERVER_DRIVES.includes(contents.driveName(path)) ? fileUri(contents.localPath(path)) : undefined;
}

/**
 * The address of the first folder or file of images that is selected, or `undefined` where none is or the server does not
 * hold it.
 */
export function selectedImage(app: JupyterFrontEnd, files: IFileBrowserFactory | null): string | undefined {
  for (const item of files?.tracker.currentWidget?.selectedItems() ?? []) {
    if (item.type === 'directory' || IMAGE_FILE.test(item.name)) {
      return imageUri(app, item.path);
    }
  }
  return undefined;
}
