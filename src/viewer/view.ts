import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/**
 * The element that is drawn in. It takes keys itself: assistive tools pass them on to an application, and its label says
 * which there are.
 */
export function viewWidget(trans: TranslationBundle): Widget {
  const view = new Widget();
  view.addClass('jp-BioImagePreview-view');
  view.node.tabIndex = 0;
  view.node.setAttribute('role', 'application');
  view.node.setAttribute('aria-roledescription', trans.__('image'));
  view.node.setAttribute(
    'aria-label',
    trans.__(
      'Image: arrow keys move, plus and minus zoom, 0 fits, 1 shows pixels as they are, page keys change z, brackets change t, c copies the value'
    )
  );
  return view;
}

/** Fills the screen, or ends that. A refusal (a frame that may not, no gesture) leaves everything as it is. */
export function toggleFullScreen(node: HTMLElement): void {
  const done = document.fullscreenElement === node ? document.exitFullscreen() : node.requestFullscreen();
  done.catch((reason: unknown) => console.info('jupyterlab-bioimage: no full screen', reason));
}
