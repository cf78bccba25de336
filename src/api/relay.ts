import { asArray, asObject, asString, BioImageError, say } from '../core';
import type { IRelayAnswer, IRewrite } from '../entities';

/** What the relay of this session knows. */
export interface ICatalogues {
  /** Ids, in the operator's order. */
  services: string[];
  /** Old prefixes of public addresses and what has replaced them. */
  rewrites: IRewrite[];
}

/** What a person asks of the relay: part of each of its requests. */
export interface IManners {
  /** E-mail address or web page, told to the services. */
  readonly contact?: string;
  /** Hours for which an answer is used again; the operator's limit holds where it is lower. */
  readonly cacheHours?: number;
}

/** The manners as headers; a contact that is no printable ASCII text is left out. */
export function mannersOf({ contact = '', cacheHours }: IManners): Record<string, string> {
  return {
    ...(/^[\x21-\x7e]{3,100}$/.test(contact) ? { 'X-BioImage-Contact': contact } : {}),
    ...(cacheHours === undefined ? {} : { 'X-BioImage-Max-Age': String(Math.round(cacheHours * 3600)) })
  };
}

const ORIGINS = ['service', 'cache', 'recorded'] as const;

/** The answer's bytes, and what the relay says of where they come from. */
export async function relayed(response: Response): Promise<IRelayAnswer> {
  const from = ORIGINS.find(origin => origin === response.headers.get('X-BioImage-From')) ?? 'service';
  const age = /^\d{1,9}$/.exec(response.headers.get('Age') ?? '')?.[0];
  const type = (response.headers.get('Content-Type') ?? '').split(';')[0].trim().toLowerCase();
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    type,
    from,
    ...(age === undefined ? {} : { age: Number(age) })
  };
}

/** `{"services": [{"id": …}], "rewrites": [[old, new], …]}` field by field. */
export function readCatalogues(value: unknown): ICatalogues {
  try {
    const answer = asObject(value, 'answer');
    return {
      services: asArray(answer.services, 'services').map(one => asString(asObject(one, 'services').id, 'id')),
      rewrites: asArray(answer.rewrites, 'rewrites').map(pair => {
        const [from, to] = asArray(pair, 'rewrites');
        return { from: asString(from, 'rewrites'), to: asString(to, 'rewrites') };
      })
    };
  } catch (cause) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer.`, { cause });
  }
}
