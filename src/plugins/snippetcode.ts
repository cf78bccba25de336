import { BioImageError, say } from '../core';
import type { ISelection } from '../entities';
import { snippetImage } from './snippetimage';
import { snippetAccess, snippetInput } from './snippetinput';
import { fits } from '../snippets';
import type { IBioImagePreviews, IBioImageSession, IBioImageSnippets } from './tokens';

/** What is asked for: without a selection, the view that the open preview shows. */
export interface ISnippetRequest {
  uri: string;
  /** Id of a template; the preferred one that can read the image where none is named. */
  template?: string;
  selection?: ISelection;
}

/** The code for a view of an image; rejects where its metadata cannot be read or does not have what is asked for. */
export async function snippetCode(
  request: ISnippetRequest,
  snippets: IBioImageSnippets,
  session: IBioImageSession,
  previews: IBioImagePreviews | null
): Promise<string> {
  const preview = previews?.find(request.uri) ?? null;
  const shown = preview?.selection;
  const selection = request.selection ?? shown ?? {};
  const { image, resolved, packing } = await snippetImage(request.uri, selection, session, previews);
  // The level that is drawn counts where the selection pins none.
  const input = {
    ...snippetInput(image, request.uri, snippetAccess(resolved), selection, shown?.level ?? 0),
    ...(packing && { packing })
  };
  const template = await snippets.template(request.template, input);
  if (template === undefined) {
    throw new BioImageError('BAD_REQUEST', say`There is no such template of code.`, { where: 'template' });
  }
  if (!fits(template, input)) {
    throw new BioImageError('UNSUPPORTED', say`The template “${template.label}” cannot read an image of this format.`, {
      hint: say`Choose another template in the settings.`
    });
  }
  return template.render(input);
}
