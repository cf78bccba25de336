import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Asks whether the browser may read from a host that no store of the session answers for. */
export async function confirmHost(host: string, trans: TranslationBundle): Promise<boolean> {
  const answer = await showDialog({
    title: trans.__('Read from %1?', host),
    body: trans.__(
      'No store of this session answers for this address. Your browser would read it directly from %1, which sees your network address and what you look at.',
      host
    ),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Read from this host') })],
    defaultButton: 0
  });
  return answer.button.accept;
}
