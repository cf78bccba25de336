import type { TranslationBundle } from '@jupyterlab/translation';
import { BioImageError, cleanText, isBioImageError, localised, say, throwIfAborted } from '../core';
import type { Said } from '../core';
import type { ISelection } from '../entities';
import type { IDecoder, IOpened, Route } from '../pixels';
import type { IPreviewPicture, IResolved, ISessionTransport } from '../stores';
import type { IPreviewHost, OpenImage } from './types';

/** What is told while an image opens. */
export interface IOpeningListener {
  resolved(resolved: IResolved): void;
  preview(picture: IPreviewPicture): void;
  /** Something has been read. */
  read(): void;
  /** A person is asked, and nothing goes on before the answer. */
  asking(asking: boolean): void;
  /** The routes of the session, where there are any. */
  session(transport: ISessionTransport | undefined): void;
  /** The way that is tried, and why. */
  route(route: Route, why?: Said): void;
}

/** Something opened, and what reads it: the decoder belongs to whoever has this. */
export interface IOpening {
  opened: IOpened;
  decoder: IDecoder;
  transport?: ISessionTransport;
}

/** What is to be opened, and for which view. */
export interface IOpeningTarget {
  uri: string;
  /** Where the address leads; asked once. */
  resolve(): Promise<IResolved>;
  /** Another place, where nothing is there. */
  relocate?(signal: AbortSignal): Promise<IResolved | null>;
  selection: ISelection;
  size(): { width: number; height: number };
}

/** From an address to what lies there. Rejects with the signal's reason when it is no longer wanted; leaves nothing behind then. */
export async function openPreview(
  target: IOpeningTarget,
  host: IPreviewHost,
  listener: IOpeningListener,
  signal: AbortSignal,
  open?: OpenImage
): Promise<IOpening> {
  const [resolved] = await Promise.all([target.resolve(), laidOut()]);
  throwIfAborted(signal);
  listener.resolved(resolved);
  await confirm(resolved, host, listener, signal);
  const openImage = open ?? (await import('../pixels')).openImage;
  throwIfAborted(signal);
  const environment = host.environment();
  const { decoder, transport } = environment;
  listener.session(transport);
  try {
    const events = {
      preview: (picture: IPreviewPicture) => listener.preview(picture),
      read: () => listener.read(),
      route: (route: Route, why?: Said) => listener.route(route, why)
    };
    const view = { selection: target.selection, ...target.size() };
    const openAt = (place: IResolved): Promise<IOpened> => openImage(place, view, environment, events, signal);
    const opened = await openAt(resolved).catch(async (error: unknown) => {
      const place = isBioImageError(error, 'NOT_FOUND') ? await target.relocate?.(signal) : null;
      if (place == null) {
        throw error;
      }
      listener.resolved(place);
      return openAt(place);
    });
    if (signal.aborted) {
      opened.dispose();
      throwIfAborted(signal);
    }
    return { opened, decoder, transport };
  } catch (error) {
    decoder.dispose();
    throw error;
  }
}

/** Frames do not come while the page is hidden: then this long is waited (ms). */
const NO_FRAME = 50;

/** Resolves when a widget that has just been attached has its size: the whole opening is planned for the size of the view. */
function laidOut(): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, NO_FRAME);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** An address that no store answers for is read by the browser only, and only from a host the person has seen. */
async function confirm(resolved: IResolved, host: IPreviewHost, listener: IOpeningListener, signal: AbortSignal): Promise<void> {
  if (resolved.store || !resolved.direct) {
    return;
  }
  const name = new URL(resolved.direct).host;
  listener.asking(true);
  const agreed = await host.confirmHost(name).finally(() => listener.asking(false));
  throwIfAborted(signal);
  if (!agreed) {
    throw new BioImageError('STORE_DENIED', say`${name} is not one of the stores of this service, and was not read.`, {
      hint: say`Try again and confirm the host if you trust it.`
    });
  }
}

/** How the pixels come here, in words. */
export function routeText(
  route: IOpened['route'],
  resolved: IResolved | null,
  why: Said | undefined,
  trans: TranslationBundle
): string {
  const way = route === 'session' ? trans.__('through this session') : trans.__('directly from the store');
  const reason = why === undefined ? '' : cleanText(localised(trans, why));
  const parts = [cleanText(resolved?.store?.label ?? ''), way, reason];
  return parts.filter(part => part !== '').join(' · ');
}
