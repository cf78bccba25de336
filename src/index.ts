import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { browser } from './plugins/browser';
import { catalogue } from './plugins/catalogue';
import { copy } from './plugins/copy';
import { files } from './plugins/files';
import { links } from './plugins/links';
import { previews } from './plugins/previews';
import { session } from './plugins/session';
import { snippets } from './plugins/snippets';
import { terminals } from './plugins/terminals';

export { IBioImageCatalogue, IBioImagePreviews, IBioImageSnippets } from './plugins/tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  session,
  catalogue,
  previews,
  browser,
  snippets,
  copy,
  files,
  links,
  terminals
];
export default plugins;
