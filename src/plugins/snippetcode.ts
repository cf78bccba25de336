import type { ISelection } from '../entities';
import { snippetImage } from './snippetimage';
import { snippetAccess, snippetInput } from './snippetinput';
import type { ISnippetTemplate } from '../snippets';
import type { IBioImagePreviews, IBioImageSession } from './tokens';

/** What is asked for: without a selection, the view that the open preview shows. */
export interface ISnippetRequest {
  uri: string;
  template: ISnippetTemplate;
  selection?: ISelection;
}

/** The code for a view of an image; rejects where its metadata cannot be read or does not have what is asked for. */
export async function snippetCode(
  request: ISnippetRequest,
  session: IBioImageSession,
  previews: IBioImagePreviews | null
): Promise<string> {
  const preview = previews?.find(request.uri) ?? null;
  const shown = preview?.selection;
  const selection = request.selection ?? shown ?? {};
  const { image, resolved, path } = await snippetImage(request.uri, selection, session, previews);
  // The level that is drawn counts where the selection pins none.
  return request.template.render(
    snippetInput(image, request.uri, snippetAccess(resolved, path), selection, shown?.level ?? 0)
  );
}
