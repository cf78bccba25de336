import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { BioImageError, localised, messageAndHint, say, toBioImageError } from '../core';
import type { IInsertionServices } from '../notebook';
import { insertCode } from '../notebook';
import { NOTICE, selectionArg, textArg } from './args';
import { copyText } from './clipboard';
import { snippetCode } from './snippetcode';
import type { IBioImagePreviews, IBioImageSession, IBioImageSnippets } from './tokens';

/** Everything the two commands need; services that a front end does not have are null. */
export interface ISnippetServices extends Omit<IInsertionServices, 'copy'> {
  app: JupyterFrontEnd;
  session: IBioImageSession;
  previews: IBioImagePreviews;
  snippets: IBioImageSnippets;
  trans: TranslationBundle;
}

/** The code that a command's arguments ask for. */
async function codeFor(args: ReadonlyPartialJSONObject, services: ISnippetServices): Promise<string> {
  const { session, previews, snippets, trans } = services;
  const uri = textArg(args.uri) ?? previews.find()?.uri;
  if (uri === undefined) {
    throw new BioImageError('BAD_REQUEST', say`The address of an image is needed.`);
  }
  const request = { uri, template: textArg(args.template), selection: selectionArg(args.selection, trans) };
  return snippetCode(request, snippets, session, previews);
}

/** Tells a failure and passes it on to whoever runs the command. */
function told<T>(trans: TranslationBundle, run: Promise<T>): Promise<T> {
  return run.catch((reason: unknown) => {
    const why = localised(trans, messageAndHint(toBioImageError(reason)));
    Notification.error(trans.__('No code was made. %1', why), NOTICE);
    throw reason;
  });
}

async function insert(args: ReadonlyPartialJSONObject, services: ISnippetServices): Promise<string> {
  const target = textArg(args.target) ?? 'notebook';
  if (target !== 'notebook' && target !== 'console' && target !== 'editor') {
    throw new BioImageError('BAD_REQUEST', say`Code goes into a notebook, a console or an editor.`);
  }
  const code = await codeFor(args, services);
  await insertCode(code, target, { ...services, copy: copyText });
  return code;
}

async function copy(args: ReadonlyPartialJSONObject, services: ISnippetServices): Promise<string> {
  const code = await codeFor(args, services);
  await copyText(code);
  return code;
}

/** Makes the code and puts it where it is wanted; resolves with the text. */
export function insertSnippet(args: ReadonlyPartialJSONObject, services: ISnippetServices): Promise<string> {
  return told(services.trans, insert(args, services));
}

/** Makes the code and puts it on the clipboard; resolves with the text. */
export function copySnippet(args: ReadonlyPartialJSONObject, services: ISnippetServices): Promise<string> {
  return told(services.trans, copy(args, services));
}
